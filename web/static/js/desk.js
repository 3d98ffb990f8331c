// The desk by keyboard: one key for each answer, only while the question has the focus, which it takes when the page opens.

const question = document.querySelector("[data-keys]");

if (question) {
  for (const hint of question.querySelectorAll(".relais-key")) hint.hidden = false;
  question.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, textarea, select")) return;
    const button = question.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  question.focus({ preventScroll: true });
}
