// A listing's page: where it is and what stands near, on a map that opens on demand.

const page = document.querySelector("[data-place]");
const button = page.querySelector("[data-map-toggle]");
const container = page.querySelector("#carte");
let map = null;

button.hidden = false;
button.addEventListener("click", async () => {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Masquer la carte" : "Voir sur la carte";
  container.hidden = !open;
  map?.close();
  map = null;
  if (!open) return;
  try {
    const { openMap } = await import(page.dataset.map);
    map = await openMap(container, page.dataset, [...page.querySelectorAll("[data-rank]")]);
  } catch {
    container.textContent = "La carte n’a pas pu être chargée.";
  }
});
