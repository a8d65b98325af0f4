// <form data-unsaved> asks once before its page is left with changes in it. Sending the form is no leaving.
(() => {
  let changed = false;
  const mark = (event) => { if (event.target.closest?.("form[data-unsaved]")) changed = true; };
  addEventListener("input", mark);
  addEventListener("change", mark);
  addEventListener("submit", (event) => { if (!event.defaultPrevented) changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
