// <relais-recherche>: the search of Relais within a page of another site. Attributes and events: docs/widget.md.
// It frames a page of the site that serves this file, and asks nothing of anyone else.
const HOME = new URL(import.meta.url).origin;

const PARAMETERS = {
  q: "q",
  lieu: "lieu",
  rayon: "rayon",
  departement: "departement",
  kinds: "genre",
  thematiques: "theme",
  occupations: "metier",
  nombre: "nombre",
  titre: "titre",
  couleur: "couleur",
  fond: "fond",
  dates: "dates",
};
const SEVERAL = new Set(["departement", "kinds", "thematiques", "occupations"]);
const OF_THE_FRAME = new Set(["nombre", "titre", "couleur", "fond", "dates"]);
const TOLD = new Set(["resultats", "ouverture"]);
const TITLE = "Recherche de partenaires, par Relais";
// those of the page, in the order in which they came: no two may have the same name
const SHOWN = new Set();
const TALLEST = 20000;
const PATIENCE_MS = 4000;

// a sheet made here is no style of the page: its content policy does not forbid it
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  iframe { display: block; width: 100%; height: 24rem; border: 0; color-scheme: light; }
  button { font: inherit; padding: 0.5rem 1rem; }
  button:not(:focus) { position: absolute; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  @media print { button { display: none; } }
`);

class RelaisRecherche extends HTMLElement {
  static observedAttributes = Object.keys(PARAMETERS);

  #frame = null;
  #skip = null;
  #slot = null;
  #asked = false;
  #heard = false;
  #timer = 0;

  connectedCallback() {
    if (!this.#frame) this.#build();
    SHOWN.add(this);
    window.addEventListener("message", this.#listen);
    window.addEventListener("beforeprint", this.#hurry);
    this.#ask();
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.#listen);
    window.removeEventListener("beforeprint", this.#hurry);
    clearTimeout(this.#timer);
    SHOWN.delete(this);
  }

  attributeChangedCallback(name, before, after) {
    if (this.#frame && before !== after) this.#ask();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [SHEET];
    const frame = document.createElement("iframe");
    frame.loading = "lazy";
    frame.referrerPolicy = "origin";
    frame.addEventListener("load", () => this.#wait());
    const end = document.createElement("span");
    end.tabIndex = -1;
    const skip = document.createElement("button");
    skip.type = "button";
    skip.addEventListener("click", () => end.focus());
    // what stands within the element is for who has no script, and for when the frame does not come
    const slot = document.createElement("slot");
    slot.hidden = true;
    const link = document.createElement("a");
    link.textContent = "Rechercher un partenaire sur Relais";
    slot.append(link);
    root.append(skip, frame, end, slot);
    this.#frame = frame;
    this.#skip = skip;
    this.#slot = slot;
  }

  // several attributes that change together make one question
  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      RelaisRecherche.#name();
      this.#slot.firstChild.href = this.#address("/recherche", (name) => !OF_THE_FRAME.has(name));
      const address = this.#address("/widget/recherche", () => true);
      if (this.isConnected && this.#frame.src !== address) this.#frame.src = address;
    });
  }

  static #name() {
    const said = new Map();
    for (const each of SHOWN) {
      const place = each.getAttribute("lieu")?.trim();
      const title = each.getAttribute("titre")?.trim() || (place ? `Recherche de partenaires autour de ${place}, par Relais` : TITLE);
      const count = (said.get(title) ?? 0) + 1;
      said.set(title, count);
      each.#frame.title = count > 1 ? `${title} (${count})` : title;
      each.#skip.textContent = `Passer : ${each.#frame.title}`;
    }
  }

  #address(path, wanted) {
    const address = new URL(path, HOME);
    for (const [name, parameter] of Object.entries(PARAMETERS)) {
      const text = this.getAttribute(name);
      if (!text || !wanted(name)) continue;
      for (const value of SEVERAL.has(name) ? text.split(/[\s,]+/) : [text.trim()]) {
        if (value) address.searchParams.append(parameter, value);
      }
    }
    if (path.startsWith("/widget")) address.searchParams.append("site", location.origin);
    return address.href;
  }

  // a browser says that a frame is loaded also when it was refused: only its word tells that it came
  #wait() {
    clearTimeout(this.#timer);
    if (this.#heard || !this.#frame.src) return;
    this.#timer = setTimeout(() => {
      this.#frame.hidden = true;
      this.#frame.style.display = "none";
      this.#slot.hidden = false;
      this.#tell("erreur", {});
    }, PATIENCE_MS);
  }

  #listen = (event) => {
    if (event.origin !== HOME || event.source !== this.#frame.contentWindow || event.source === null) return;
    const said = event.data;
    if (typeof said !== "object" || said === null || said.relais !== 1) return;
    if (!this.#heard) {
      this.#heard = true;
      clearTimeout(this.#timer);
      this.#frame.hidden = false;
      this.#frame.style.removeProperty("display");
      this.#slot.hidden = true;
      this.#tell("pret", {});
    }
    if (said.type === "hauteur" && Number.isFinite(said.hauteur) && said.hauteur > 0) {
      this.#frame.style.height = `${Math.min(Math.ceil(said.hauteur), TALLEST)}px`;
    } else if (TOLD.has(said.type)) {
      const { total, id } = said;
      this.#tell(said.type, said.type === "ouverture" ? { id: String(id) } : { total: Number(total) });
    }
  };

  #hurry = () => {
    this.#frame.loading = "eager";
  };

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(`relais-${what}`, { bubbles: true, detail }));
  }
}

if (!customElements.get("relais-recherche")) customElements.define("relais-recherche", RelaisRecherche);
