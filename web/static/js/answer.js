// The answer's page: a button that prints. On paper each result has its main reasons in a line; the detail stays on the screen.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
