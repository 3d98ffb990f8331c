// The search page, made livelier: a filter that changes brings its answers at once, and the map opens beside the list.
// Without it the same form sends the same address, and the list says all that the map does.

const form = document.getElementById("recherche");
const announcement = document.getElementById("annonce");
let asked = 0;
let map = null;

// an address without the fields that were left empty
form.addEventListener("formdata", ({ formData }) => {
  for (const name of new Set(formData.keys())) {
    const kept = formData.getAll(name).filter((value) => value.trim());
    formData.delete(name);
    for (const value of kept) formData.append(name, value);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-live]") && event.target.form === form) bring(address());
});

addEventListener("popstate", () => location.reload());

function address() {
  const query = new URLSearchParams(new FormData(form));
  return `${form.getAttribute("action")}?${query}`;
}

async function bring(where) {
  const mine = ++asked;
  const before = document.getElementById("reponse");
  before.setAttribute("aria-busy", "true");
  let page;
  try {
    page = new DOMParser().parseFromString(await (await fetch(where)).text(), "text/html");
  } catch {
    return location.assign(where);
  }
  const after = page.getElementById("reponse");
  if (mine !== asked) return;
  if (!after) return location.assign(where);
  const focused = document.activeElement?.id;
  keepOpen(before, after);
  map?.close();
  before.replaceWith(document.adoptNode(after));
  history.pushState(null, "", where);
  document.title = page.title;
  document.dispatchEvent(new CustomEvent("relais:fresh", { detail: after }));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  announce(after);
  start();
}

// what was unfolded stays so, and what is focused is never folded away
function keepOpen(before, after) {
  const name = (details) => details.querySelector("input")?.name ?? "";
  const opened = new Set([...before.querySelectorAll("details details[open]")].map(name));
  for (const details of after.querySelectorAll("details details")) details.open = opened.has(name(details));
  const filters = before.querySelector(".relais-filters");
  after.querySelector(".relais-filters").open = filters.open;
}

function announce(answer) {
  const kinds = [...answer.querySelectorAll("input[name=genre] + label > span")].map((label) => label.textContent.replace(/\s+/g, " ").trim());
  const heading = (answer.querySelector("#resultats") ?? answer.querySelector("[role=alert]"))?.textContent ?? "";
  announcement.textContent = [heading.replace(/\s+/g, " ").trim(), ...kinds].join(", ");
}

function start() {
  const answer = document.getElementById("reponse");
  const filters = answer.querySelector(".relais-filters");
  // browsers that cannot show what is folded by style alone
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 62em)").matches) filters.open = true;
  const button = answer.querySelector("[data-map-toggle]");
  if (!button || !answer.dataset.leaflet) return;
  button.hidden = false;
  button.addEventListener("click", () => toggle(answer, button, button.getAttribute("aria-expanded") !== "true"));
  if (new URLSearchParams(location.search).get("vue") === "carte") toggle(answer, button, true);
}

async function toggle(answer, button, open) {
  const container = answer.querySelector("#carte");
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Masquer la carte" : "Afficher la carte";
  container.hidden = !open;
  remember(open);
  map?.close();
  map = null;
  if (!open) return;
  try {
    const { openMap } = await import(answer.dataset.map);
    map = await openMap(container, answer.dataset, [...answer.querySelectorAll("[data-rank]")]);
  } catch {
    container.textContent = "La carte n’a pas pu être chargée. La liste dit la même chose.";
  }
}

// in the address, so that « back », a reload and a link that is shared show the map again
function remember(open) {
  const here = new URL(location.href);
  if (open) here.searchParams.set("vue", "carte");
  else here.searchParams.delete("vue");
  history.replaceState(history.state, "", here);
  form.querySelector("input[name=vue]")?.remove();
  if (!open) return;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "vue", value: "carte" });
  form.append(field);
}

start();
