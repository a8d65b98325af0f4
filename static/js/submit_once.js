// A form that posts is sent once: its buttons rest until the answer comes. data-many lets a form be sent again at once,
// and so does a button that opens its answer elsewhere (formtarget).
(() => {
  const rest = (form, resting) => {
    form.toggleAttribute("data-sent", resting);
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      if (resting) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  };
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "many" in form.dataset || event.submitter?.formTarget === "_blank" || form.matches("[hx-post], [data-hx-post]")) return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    setTimeout(() => { if (!event.defaultPrevented) rest(form, true); });
  });
  // A page that comes back from the browser's memory may be sent again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) rest(form, false);
  });
})();
