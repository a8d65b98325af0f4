// A plain text field that looks things up: <input data-combobox="/products/search?q="> asks the address with what is typed at its
// end and shows what comes back, after the ARIA combobox pattern: arrows, Home and End of the list, Enter, Escape, Tab takes the marked one.
// The answer is JSON: [{"id": 1, "value": "CPF-A1-12", "label": "e-CPF A1", "detail": "CPF-A1-12", "figure": "42,00"}, ...];
// only `label` must be there. Taken: `value` (or `label`) goes into the field, `id` into the hidden field data-combobox-target="its-id",
// and "combobox:taken" is fired with the whole entry. Without script it stays a text field that takes a code.
(() => {
  let counter = 0;
  const WAIT = 120;

  class Combobox {
    constructor(input) {
      this.input = input;
      this.list = document.createElement("ul");
      this.status = document.createElement("span");
      this.entries = [];
      this.active = -1;
      this.#dress();
      input.addEventListener("input", () => this.#typed());
      input.addEventListener("keydown", (event) => this.#key(event));
      input.addEventListener("blur", () => setTimeout(() => this.close(), 100));
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => this.#clicked(event));
    }

    #dress() {
      const id = `combobox-${++counter}`;
      this.list.id = id;
      this.list.className = "combo";
      this.list.hidden = true;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", this.input.labels?.[0]?.textContent.trim() ?? this.input.getAttribute("aria-label") ?? "");
      this.status.className = "visually-hidden";
      this.status.setAttribute("role", "status");
      const attributes = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
      for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
      const frame = document.createElement("div");
      frame.className = "combo-frame";
      this.input.before(frame);
      frame.append(this.input, this.list, this.status);
    }

    #target() {
      return document.getElementById(this.input.dataset.comboboxTarget ?? "");
    }

    #typed() {
      const target = this.#target();
      if (target) target.value = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#ask(), WAIT);
    }

    async #ask() {
      const text = this.input.value.trim();
      this.asked?.abort();
      if (!text) return this.close();
      this.asked = new AbortController();
      try {
        const answer = await fetch(this.input.dataset.combobox + encodeURIComponent(text), {
          headers: { Accept: "application/json" }, signal: this.asked.signal,
        });
        if (!answer.ok) return this.close();
        this.#show(await answer.json(), text);
      } catch {
        this.close();
      }
    }

    #show(entries, text) {
      if (document.activeElement !== this.input) return;
      this.entries = entries;
      this.list.replaceChildren(...entries.map((entry, index) => this.#option(entry, index, text)));
      this.list.hidden = entries.length === 0;
      this.input.setAttribute("aria-expanded", String(entries.length > 0));
      this.status.textContent = String(entries.length);
      this.#mark(entries.length ? 0 : -1);
    }

    #option(entry, index, text) {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${index}`;
      option.dataset.index = index;
      option.setAttribute("role", "option");
      const words = document.createElement("span");
      words.append(...this.#highlighted(entry.label, text));
      option.append(words);
      this.#part(option, "small dim code", entry.detail);
      this.#part(option, "num", entry.figure);
      return option;
    }

    #part(option, look, text) {
      if (!text) return;
      const part = document.createElement("span");
      part.className = look;
      part.textContent = text;
      option.append(part);
    }

    #highlighted(label, text) {
      const at = label.toLocaleLowerCase().indexOf(text.toLocaleLowerCase());
      if (at < 0) return [label];
      const mark = document.createElement("mark");
      mark.textContent = label.slice(at, at + text.length);
      return [label.slice(0, at), mark, label.slice(at + text.length)];
    }

    #mark(index) {
      this.active = index;
      for (const option of this.list.children) option.setAttribute("aria-selected", String(Number(option.dataset.index) === index));
      const marked = this.list.children[index];
      if (marked) {
        this.input.setAttribute("aria-activedescendant", marked.id);
        marked.scrollIntoView({ block: "nearest" });
      } else this.input.removeAttribute("aria-activedescendant");
    }

    #key(event) {
      const last = this.entries.length - 1;
      if (this.list.hidden) {
        if (event.key === "ArrowDown") { event.preventDefault(); this.#ask(); }
        return;
      }
      const moves = {
        ArrowDown: () => this.#mark(this.active < last ? this.active + 1 : 0),
        ArrowUp: () => this.#mark(this.active > 0 ? this.active - 1 : last),
        PageDown: () => this.#mark(last), PageUp: () => this.#mark(0),
        Escape: () => this.close(),
        Enter: () => this.take(this.active),
      };
      if (event.key === "Tab") this.take(this.active);
      const move = moves[event.key];
      if (!move || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) return;
      event.preventDefault();
      event.stopPropagation();
      move();
    }

    #clicked(event) {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.index));
    }

    take(index) {
      const entry = this.entries[index];
      if (!entry) return;
      this.input.value = entry.value ?? entry.label;
      const target = this.#target();
      if (target) target.value = entry.id ?? "";
      this.close();
      this.input.dispatchEvent(new CustomEvent("combobox:taken", { bubbles: true, detail: entry }));
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    close() {
      clearTimeout(this.timer);
      this.list.hidden = true;
      this.entries = [];
      this.list.replaceChildren();
      this.input.setAttribute("aria-expanded", "false");
      this.#mark(-1);
    }
  }

  const dress = (root) => {
    for (const input of root.querySelectorAll("input[data-combobox]:not([role=combobox])")) new Combobox(input);
  };
  dress(document);
  addEventListener("row:added", (event) => dress(event.target.parentElement));
  document.addEventListener("htmx:after:swap", () => dress(document));
})();
