// <form data-unsaved> asks once before its page is left with changes in it. Sending the form is no leaving,
// unless the answer opens elsewhere (formtarget): then what was typed is still only here.
(() => {
  let changed = false;
  const mark = (event) => { if (event.target.closest?.("form[data-unsaved]")) changed = true; };
  addEventListener("input", mark);
  addEventListener("change", mark);
  addEventListener("submit", (event) => { if (!event.defaultPrevented && event.submitter?.formTarget !== "_blank") changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
