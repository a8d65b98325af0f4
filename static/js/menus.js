// <details class="menu"> closes on Escape, on a click elsewhere and when the focus leaves it.
(() => {
  const close = (menu, refocus) => {
    menu.open = false;
    if (refocus) menu.querySelector("summary").focus();
  };
  const open = () => document.querySelectorAll("details.menu[open]");
  addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) close(menu, false);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of open()) close(menu, menu.contains(document.activeElement));
  });
  addEventListener("focusin", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) close(menu, false);
  });
})();
