// Rows. <tr data-href="/orders/1"> opens on a click beside its links; the link in the row stays for the keyboard.
// Lines of a form: <button data-add-row="#lines"> puts a copy of the <template> that stands beside or in #lines at its end, with
// __index__ replaced by the next free number; [data-remove-row] takes the nearest [data-row] out. <button data-clear="#field"> empties a field.
(() => {
  addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, select, textarea, label, summary")) return;
    if (getSelection().toString()) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });

  const nextIndex = (list) => {
    const used = [...list.querySelectorAll("[data-row]")].map((row) => Number(row.dataset.row) || 0);
    return Math.max(-1, ...used) + 1;
  };
  const add = (list) => {
    const template = list.querySelector("template") ?? document.querySelector(`template[data-rows="#${list.id}"]`);
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__index__", String(nextIndex(list)));
    const row = holder.content.querySelector("[data-row]");
    list.append(holder.content);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    row.dispatchEvent(new CustomEvent("row:added", { bubbles: true }));
    return row;
  };
  const remove = (row) => {
    const list = row.parentElement;
    const other = row.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row.previousElementSibling;
    row.remove();
    (other?.querySelector?.("[data-remove-row], input") ?? document.querySelector(`[data-add-row="#${list.id}"]`))?.focus();
    list.dispatchEvent(new CustomEvent("row:removed", { bubbles: true }));
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  addEventListener("click", (event) => {
    const adder = event.target.closest("[data-add-row]");
    const remover = event.target.closest("[data-remove-row]");
    const clearer = event.target.closest("[data-clear]");
    if (adder) {
      event.preventDefault();
      add(document.querySelector(adder.dataset.addRow));
    } else if (remover) {
      event.preventDefault();
      remove(remover.closest("[data-row]"));
    } else if (clearer) {
      const field = document.querySelector(clearer.dataset.clear);
      field.value = "";
      field.focus();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
