// The configurator of the widget: what is chosen shows at once, and the code is copied by a button.

const form = document.querySelector("#reglages");
const announce = document.querySelector("#annonce");
let asked = 0;
let timer = 0;

function ready() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

async function renew() {
  const mine = ++asked;
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${form.action}?${chosen}`;
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const result = page.querySelector("#resultat");
  if (mine !== asked || !result) return;
  document.querySelector("#resultat").replaceChildren(...result.childNodes);
  history.replaceState(null, "", address);
  ready();
  announce.textContent = answer.ok ? "Le résultat et le code sont à jour." : "Un réglage est à revoir.";
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => renew().catch(() => {}), 400);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  announce.textContent = "Le code est copié.";
});

ready();
