// Suggestions under a text field: the editable combobox with list autocomplete of the ARIA Authoring Practices Guide.
// The field works without it; what is typed travels by POST, never in an address.

const WAIT_MS = 200;
const SHORTEST = 2;
let made = 0;

function enhanceAll(root) {
  for (const group of root.querySelectorAll("[data-combobox]")) {
    enhance(group, group.querySelector("input[type=text], input[type=search]"), group.dataset.combobox);
  }
}
document.addEventListener("relais:fresh", (event) => enhanceAll(event.detail));
enhanceAll(document);

function enhance(group, input, address) {
  const id = `suggestions-${++made}`;
  const frame = document.createElement("div");
  frame.className = "relais-combobox";
  input.replaceWith(frame);
  const list = document.createElement("ul");
  list.id = id;
  list.className = "relais-options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const status = document.createElement("div");
  status.className = "fr-sr-only";
  status.setAttribute("role", "status");
  frame.append(input, list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) {
    input.setAttribute(name, value);
  }

  let options = [];
  let active = -1;
  let timer = 0;
  let asked = 0;
  let pending = null;

  function close() {
    clearTimeout(timer);
    asked += 1; // an answer still on its way is no longer wanted
    pending?.abort();
    options = [];
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((item, rank) => item.setAttribute("aria-selected", String(rank === index)));
    if (index < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  }

  function choose(index) {
    const option = options[index];
    input.value = option.value;
    setChosen(input, option);
    close();
    status.textContent = `${option.value} choisi`;
    if ("submit" in group.dataset) input.form.requestSubmit();
  }

  function show(found) {
    options = found;
    list.replaceChildren(
      ...found.map((option, rank) => {
        const item = document.createElement("li");
        item.id = `${id}-${rank}`;
        item.setAttribute("role", "option");
        item.textContent = option.label ?? option.value;
        if (option.what) item.append(Object.assign(document.createElement("span"), { className: "relais-options__what", textContent: option.what }));
        item.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the field
        item.addEventListener("click", () => choose(rank));
        return item;
      }),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    mark(-1);
    status.textContent = found.length === 0 ? "Aucune suggestion" : found.length === 1 ? "Une suggestion" : `${found.length} suggestions`;
  }

  async function ask() {
    const text = input.value.trim();
    if (text.length < SHORTEST) return close();
    const mine = ++asked;
    pending?.abort();
    pending = new AbortController();
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ q: text }), signal: pending.signal });
      const { suggestions } = await answer.json();
      if (mine === asked && document.activeElement === input) show(suggestions);
    } catch {
      if (mine === asked) close(); // the field still works as a plain one
    }
  }

  input.addEventListener("input", () => {
    setChosen(input, null);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const last = options.length - 1;
    if (event.key === "ArrowDown" && last < 0) {
      ask();
    } else if (event.key === "ArrowDown") {
      mark(active >= last ? 0 : active + 1);
    } else if (event.key === "ArrowUp" && last >= 0) {
      mark(active <= 0 ? last : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
}

// Beside a place that was chosen goes its code, so that two communes of one name are not asked for twice.
function setChosen(input, option) {
  const form = input.form;
  const code = form?.querySelector(`[data-chosen-code="${input.name}"]`);
  const chosenFor = form?.querySelector(`[data-chosen-for="${input.name}"]`);
  if (!chosenFor) return;
  for (const radio of form.querySelectorAll("input[type=radio][name=place_code]")) radio.checked = false;
  if (code) code.value = option?.code ?? "";
  if (code) chosenFor.value = option?.value ?? "";
}
