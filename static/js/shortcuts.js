// "/" and Ctrl+K go to the search field (data-search="/", or the page's own data-search); Ctrl+Enter sends the form one
// types in when it says data-ctrl-enter; Escape there leaves to data-escape="/address". "/" is not taken while typing.
(() => {
  const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");
  const find = () => document.querySelector("[data-search='/']") ?? document.querySelector("[data-search]");
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    if ((event.key === "/" && !command && !typing(event.target)) || (event.key === "k" && command)) {
      const field = find();
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Enter" && command) {
      const form = event.target.closest?.("form[data-ctrl-enter]");
      if (!form) return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-main]") ?? undefined);
    } else if (event.key === "Escape") {
      const form = event.target.closest?.("form[data-escape]");
      if (form) location.assign(form.dataset.escape);
    }
  });
})();
