// Computers are shared: a page that holds a profile clears itself after a while without activity, and warns first.

const minutes = Number(document.body.dataset.idleMinutes);
const home = document.body.dataset.idleHome;
const WARNING_MS = 120_000;
const limit = minutes * 60_000;
let last = Date.now();
let notice = null;

const CLEARED = "relais-efface";

// what is typed and not saved is lost by nobody's absence: its page stays, and its session alone ends
const holdsText = () => document.querySelector("form[data-changed]") !== null;

function leave(address) {
  // « back » must bring no profile again: neither this page (replaced) nor those seen before it, which the browser may keep
  sessionStorage.setItem(CLEARED, String(Date.now()));
  document.body.replaceChildren();
  if (history.state?.relais !== "sheet") return location.replace(address);
  // the answer lies under the sheet: it is what must be replaced
  addEventListener("popstate", () => location.replace(address), { once: true });
  history.back();
}

function active(event) {
  if (event?.type === "pointerdown" && notice?.contains(event.target)) return; // its button answers by itself
  if (Date.now() - last >= limit && !holdsText()) return leave(home); // the computer slept meanwhile
  last = Date.now();
  notice?.remove();
  notice = null;
}

function warn() {
  if (notice) return;
  notice = document.createElement("div");
  notice.className = "relais-idle";
  notice.setAttribute("role", "alert");
  const text = document.createElement("span");
  text.textContent = "Sans activité, cette page sera effacée dans deux minutes.";
  const stay = document.createElement("button");
  stay.type = "button";
  stay.className = "fr-btn fr-btn--sm";
  stay.textContent = "Garder la page";
  stay.addEventListener("click", () => active());
  notice.append(text, stay);
  document.body.append(notice);
}

function check() {
  if (holdsText()) return;
  const idle = Date.now() - last;
  if (idle >= limit) leave(home);
  else if (idle >= limit - WARNING_MS) warn();
}

for (const event of ["pointerdown", "keydown", "input", "scroll"]) {
  addEventListener(event, active, { passive: true, capture: true });
}
addEventListener("visibilitychange", check);
addEventListener("pageshow", (event) => {
  if (event.persisted && performance.timeOrigin < Number(sessionStorage.getItem(CLEARED))) leave(home);
  else check();
});
setInterval(check, 5_000);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-clear]");
  if (!link) return;
  event.preventDefault();
  leave(link.href);
});
