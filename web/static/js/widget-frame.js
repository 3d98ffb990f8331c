// Within the frame of the widget: tells the page around how tall it is, what was found and what was opened; says dates in a language.
const { site, total, dates, asked } = document.body.dataset;

function tell(type, more) {
  if (site && window.parent !== window) window.parent.postMessage({ relais: 1, type, ...more }, site);
}

function sayDates(language) {
  let format;
  try {
    format = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Paris" });
  } catch {
    return; // no such language: French stays
  }
  for (const moment of document.querySelectorAll("[data-start]")) {
    moment.textContent = format.formatRange(new Date(moment.dataset.start), new Date(moment.dataset.end));
    moment.lang = language;
    moment.dir = "auto";
  }
}

if (dates && dates !== "fr") sayDates(dates);

const root = document.documentElement;
new ResizeObserver(() => tell("hauteur", { hauteur: root.getBoundingClientRect().height })).observe(root);
tell("hauteur", { hauteur: root.getBoundingClientRect().height });
if (total) tell("resultats", { total: Number(total) });

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-listing]");
  if (link) tell("ouverture", { id: link.dataset.listing });
});

// who asked within the frame goes on from the answers; a page that has just opened keeps its own focus
if (asked) document.getElementById("resultats")?.focus({ preventScroll: true });
