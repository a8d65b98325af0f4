// <form data-confirm="Cancel order 12?"> asks before it is sent; a button's own data-confirm wins over the form's.
// Without script the server's own page or rule decides.
addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, { capture: true });
