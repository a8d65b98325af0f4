// The page of an order: asks how it stands and puts the new page's main part in place of the old one; counts down; copies the code.
(() => {
  const EVERY = 3000;
  const main = document.getElementById("main");
  const dress = () => {
    for (const button of main.querySelectorAll("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
        button.textContent = button.dataset.copied;
      });
    }
    tick();
  };
  const tick = () => {
    const place = main.querySelector("[data-until]");
    if (!place) return;
    const left = Math.max(0, Math.floor((new Date(place.dataset.until) - Date.now()) / 1000));
    const parts = [left / 3600, (left / 60) % 60, left % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
    place.textContent = place.dataset.left.replace("{}", (left < 3600 ? parts.slice(1) : parts).join(":"));
    place.hidden = left > 86400;
  };
  const look = async () => {
    const order = main.querySelector("[data-order][data-moves]");
    if (!order) return;
    try {
      if (!document.hidden) {
        const answer = await fetch(order.dataset.order, { headers: { Accept: "application/json" } });
        if (answer.ok && (await answer.json()).state !== order.dataset.state) await turn();
      }
    } catch { /* the network is away: the next look tells */ }
    setTimeout(look, EVERY);
  };
  const turn = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = fresh.title;
    main.replaceChildren(...fresh.getElementById("main").children);
    dress();
    main.querySelector("h1")?.focus();
  };
  dress();
  setInterval(tick, 1000);
  setTimeout(look, EVERY);
})();
