// The answer's page: what its buttons do without leaving the page, and a button that prints.
// Each button is a form's own: without this script, or when a request fails, the page is sent and comes back whole.

const form = document.querySelector("[data-answer]");
const status = Object.assign(document.createElement("div"), { className: "fr-sr-only" });
status.setAttribute("role", "status");
document.body.append(status);
let asked = 0;
let map = null;

function ready() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  const button = form?.querySelector("[data-map-toggle]");
  if (!button || !form.dataset.leaflet) return;
  button.hidden = false;
  if (map) toggle(button, true); // it was open before the page was redrawn
}

async function toggle(button, open) {
  const container = form.querySelector("#carte");
  map?.close();
  map = null;
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Masquer la carte" : "Afficher la carte";
  container.hidden = !open;
  if (!open) return;
  try {
    const { openMap } = await import(form.dataset.map);
    map = await openMap(container, form.dataset, [...form.querySelectorAll("[data-rank]")]);
  } catch {
    container.textContent = "La carte n’a pas pu être chargée. La liste dit la même chose.";
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
  const button = event.target.closest?.("[data-map-toggle]");
  if (button && form?.contains(button)) toggle(button, button.getAttribute("aria-expanded") !== "true");
});

// one at a time, in the order in which they were pressed: what one changes, the next one sends
let before = Promise.resolve();

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.sheet !== undefined && !button.dataset.plain) {
    event.preventDefault();
    before = before.then(() => openSheet(button));
    return;
  }
  if (!button?.name || button.dataset.plain) return;
  event.preventDefault();
  form.setAttribute("aria-busy", "true");
  const mine = ++asked;
  before = before.then(() => press(button)).finally(() => mine === asked && form.removeAttribute("aria-busy"));
});

async function press(pressed) {
  // the page may have been redrawn since: the same button, unless what it asks is done already (a double click)
  const button = pressed.isConnected ? pressed : document.getElementById(pressed.id);
  if (button?.value !== pressed.value) return;
  const body = new FormData(form, button);
  const page = await sent(new URLSearchParams(body)).catch(() => null);
  if (page) {
    show(page, button, body);
  } else {
    setTimeout(() => sendWhole(button)); // a form does not send itself while it is being sent
  }
}

function sendWhole(button) {
  button.dataset.plain = "1";
  form.requestSubmit(button);
  delete button.dataset.plain;
}

async function sent(body) {
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-answer]");
}

function show(page, button, body) {
  const open = new Set([...form.querySelectorAll("details[open][id]")].map((details) => details.id));
  const typed = typedSince(body);
  // what was being read stays where it is on the screen, though the selection above it grows
  const kept = button.id && document.getElementById(button.id) ? button.getBoundingClientRect().top : null;
  form.replaceChildren(...page.childNodes);
  for (const details of form.querySelectorAll("details[id]")) details.open = open.has(details.id);
  ready();
  const compared = button.value === "compare" && document.getElementById("comparaison");
  const target = compared || (document.getElementById(button.id) ?? document.getElementById(next(button)));
  if (target && !compared && kept !== null) scrollBy({ top: target.getBoundingClientRect().top - kept, behavior: "instant" });
  if (!typeAgain(typed)) target?.focus({ preventScroll: target.id === button.id });
  status.textContent = form.querySelector("#dit").textContent;
}

// what was typed or ticked while the answer was on its way, which the answer does not hold
function typedSince(body) {
  const here = document.activeElement;
  const texts = [...form.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox])")].filter((field) => field.name && field.value !== body.get(field.name));
  const boxes = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => box.checked !== body.getAll(box.name).includes(box.value));
  const writing = here?.matches("textarea, input[type=text]") && form.contains(here);
  return { texts, boxes, writing: writing ? { name: here.name, start: here.selectionStart, end: here.selectionEnd } : null };
}

function typeAgain({ texts, boxes, writing }) {
  for (const { name, value } of texts) if (form.elements[name]) form.elements[name].value = value;
  for (const { name, value, checked } of boxes) {
    for (const box of form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) if (box.value === value) box.checked = checked;
  }
  const field = writing && form.elements[writing.name];
  field?.focus?.({ preventScroll: true });
  field?.setSelectionRange?.(writing.start, writing.end);
  return Boolean(field);
}

// A sheet opens over the answer, in the same document: « back » gives the answer as it was, and asks nothing to be sent again.
const main = document.querySelector("main");
const shown = { answer: null, sheet: null, now: null };

async function openSheet(button) {
  if (!button.isConnected) return; // a double click
  const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  if (!page?.querySelector(".relais-sheet")) return setTimeout(() => sendWhole(button));
  await Promise.all([...page.querySelectorAll("head link[rel=stylesheet]")].map((link) => addStyle(link.getAttribute("href"))));
  shown.answer = { title: document.title, nodes: [...main.childNodes], at: scrollY };
  shown.sheet = { title: page.title, nodes: [...page.querySelector("main").childNodes].map((node) => document.adoptNode(node)), at: 0 };
  history.pushState({ relais: "sheet" }, "", button.formAction);
  put(shown.sheet);
}

function addStyle(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return;
  return new Promise((done) => document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done })));
}

function put(which) {
  const { title, nodes, at } = which;
  shown.now = which;
  main.replaceChildren(...nodes);
  document.title = title;
  status.textContent = title; // a screen reader says the title of a page that loads, not of one that changes
  ready();
  main.focus({ preventScroll: true });
  scrollTo({ top: at, behavior: "instant" });
}

addEventListener("popstate", (event) => {
  const wanted = event.state?.relais === "sheet" ? shown.sheet : shown.answer;
  if (wanted && wanted !== shown.now) put(wanted); // a link within the answer moves in the history too
});

// where the focus goes when the button that was pressed is no longer there
function next(button) {
  const [verb] = button.value.split(" ");
  if (verb === "drop") return new URL(button.formAction, location.href).hash.slice(1);
  return verb === "up" || verb === "down" || verb === "leave" ? "selection" : "et-si";
}

// a link to a result that is folded, or to the heading of a list that is, unfolds it
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const below = target?.parentElement.querySelector(":scope > details.relais-fold");
  if (below && target.matches("h2")) below.open = true;
  for (let folded = target?.closest("details:not([open])"); folded; folded = folded.parentElement.closest("details:not([open])")) folded.open = true;
  target?.scrollIntoView();
}

// browsers that cannot show what is folded by style alone
function unfoldWhereThereIsRoom() {
  if (CSS.supports("selector(::details-content)") || !matchMedia("(min-width: 48em)").matches) return;
  for (const details of document.querySelectorAll("details.relais-fold")) details.open = true;
}

// Enter in a field of a section presses that section's own button, not the first of the page
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input[type=text]")) return;
  const button = event.target.closest("section")?.querySelector("button[type=submit]");
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});
addEventListener("hashchange", reveal);
// the same link again changes no address
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a")?.hash && event.target.closest("a").hash === location.hash) reveal();
});
addEventListener("beforeprint", () => {
  const printed = "details.relais-fold, details.relais-more, details#profil-compris, details#a-savoir-suite, details.relais-rest";
  for (const details of document.querySelectorAll(printed)) details.open = true;
});
unfoldWhereThereIsRoom();
if (location.hash) reveal();
ready();
