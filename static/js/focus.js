// After a form came back, the summary of its errors (data-focus) has the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();
