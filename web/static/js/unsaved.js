// A page that holds several forms sends one: what was typed in another, and not saved, is not lost without a word.

const form = document.querySelector("form[data-unsaved]");
// a form that comes back refused was never saved
if (form?.querySelector("[aria-invalid]")) form.dataset.changed = "";

form?.addEventListener("input", () => {
  form.dataset.changed = "";
});
form?.addEventListener("submit", () => {
  delete form.dataset.changed;
});
addEventListener("beforeunload", (event) => {
  if (form && "changed" in form.dataset) event.preventDefault();
});
