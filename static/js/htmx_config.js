// htmx: the token of the page goes along with every request that changes something; a refusal that carries no page part
// (see htmx-config in the head: all but 422) is said in the live region instead of being swapped in.
(() => {
  const failed = document.currentScript.dataset.failed;
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (token && request.method?.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
  });
  const say = () => {
    const region = document.querySelector("#flashes");
    if (!region) return;
    const note = document.createElement("div");
    note.className = "note note-bad";
    note.textContent = failed;
    region.replaceChildren(note);
  };
  document.addEventListener("htmx:error", say);
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.raw.status !== 422) say();
  });
})();
