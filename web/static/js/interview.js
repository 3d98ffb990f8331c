// The interview in steps, in the order that the situation asks for. Without this script it is one long form; nothing is kept either way.

const form = document.querySelector("form[data-steps]");
// what decides comes first: who sits the exam again goes back to their lycée; who wants something else says what
const ORDERS = {
  retake: ["situation", "formation", "besoins", "souhaits", "deplacements"],
  other_project: ["situation", "souhaits", "besoins", "formation", "deplacements"],
  graduate: ["situation", "formation", "souhaits", "besoins", "deplacements"],
};

if (form) start();

function start() {
  const find = (name) => form.querySelector(name);
  const [previous, next, submit, all] = ["[data-previous]", "[data-next]", "[data-submit]", "[data-all]"].map(find);
  const steps = [...form.querySelectorAll("[data-step]")];
  const counts = new Map(steps.map((step) => [step, step.querySelector("h2").appendChild(document.createElement("span"))]));
  for (const [step, count] of counts) {
    count.className = "relais-step__count";
    step.querySelector("h2").prepend(count);
  }
  let at = 0;

  function ordered() {
    const order = ORDERS[form.elements.situation.value] ?? ORDERS.graduate;
    return order.map((name) => steps.find((step) => step.dataset.step === name));
  }

  function show(rank, { focus = true } = {}) {
    const order = ordered();
    at = Math.min(Math.max(rank, 0), order.length - 1);
    order.forEach((step, index) => {
      step.hidden = index !== at;
      counts.get(step).textContent = `Étape ${index + 1} sur ${order.length}`;
    });
    previous.hidden = at === 0;
    next.hidden = at === order.length - 1;
    label();
    submit.classList.toggle("fr-btn--secondary", at < order.length - 1);
    if (!focus) return;
    order[at].querySelector("h2").focus();
    form.scrollIntoView();
  }

  function label() {
    const fields = [...ordered()[at].querySelectorAll("input:not([type=hidden]), select")];
    const filled = fields.some((field) => (["radio", "checkbox"].includes(field.type) ? field.checked : true) && field.value !== "");
    next.textContent = filled ? "Suivant" : "Passer cette étape";
  }

  function whole() {
    form.dataset.steps = "off";
    for (const step of steps) step.hidden = false;
    for (const count of counts.values()) count.remove();
    for (const button of [previous, next, all]) button.hidden = true;
    submit.classList.remove("fr-btn--secondary");
    steps[0].querySelector("h2").focus();
  }

  form.dataset.steps = "on";
  all.hidden = false;
  all.querySelector("button").addEventListener("click", whole);
  form.addEventListener("input", label);
  form.addEventListener("change", label);
  // « back » comes back to the step before; a step in the address says nothing of the student
  const go = (rank) => {
    show(rank);
    history.pushState({ step: at }, "", `#etape-${at + 1}`);
  };
  next.addEventListener("click", () => go(at + 1));
  previous.addEventListener("click", () => go(at - 1));
  addEventListener("popstate", (event) => {
    if (form.dataset.steps === "on") show(event.state?.step ?? 0);
  });
  show(0, { focus: false });
}
