// The answer's page: printing, with the reasons opened on paper and left as they were on the screen.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.relais-reasons:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
