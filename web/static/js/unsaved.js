// A page that holds several forms sends one: what was typed in another, and not saved, is not lost without a word.

const form = document.querySelector("form[data-unsaved]");
// a form that comes back refused was never saved
let changed = Boolean(form?.querySelector("[aria-invalid]"));

form?.addEventListener("input", () => {
  changed = true;
});
form?.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
