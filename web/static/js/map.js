// A map of listings, in step with their list. Everything comes from this site: Leaflet, the outlines of the départements, the points
// of the communes; only an instance that is set so takes its background elsewhere.

const FRANCE = [[41.2, -5.3], [51.2, 9.7]];
const SHOWS_COMMUNES = 9;
const MOST_NAMES = 40;
const REDUCED = matchMedia("(prefers-reduced-motion: reduce)").matches;
const brought = new Map();

/**
 * Open the map of some listings.
 * @param {HTMLElement} container An empty element, shown.
 * @param {DOMStringMap} settings Addresses: leaflet, leafletStyle, outlines, communes (of département « 00 »), tiles, credit.
 * @param {HTMLElement[]} items The listings: data-rank, and data-lat and data-lon for those that have a point.
 * @returns {{close: () => void}}
 */
export async function openMap(container, settings, items) {
  await Promise.all([style(settings.leafletStyle), import(settings.leaflet)]);
  const L = globalThis.L;
  container.replaceChildren();
  const motion = { zoomAnimation: !REDUCED, fadeAnimation: !REDUCED, markerZoomAnimation: !REDUCED, inertia: !REDUCED };
  const map = L.map(container, { ...motion, zoomControl: false, scrollWheelZoom: false, minZoom: 4, maxZoom: 17, attributionControl: false });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  const credit = L.control.attribution({ prefix: false }).addTo(map);
  const placed = items.filter((item) => item.dataset.lat);
  const bounds = placed.length ? L.latLngBounds(placed.map(point)) : L.latLngBounds(FRANCE);
  map.fitBounds(bounds, { padding: [40, 40], maxZoom: 15, animate: false });
  if (settings.tiles) {
    L.tileLayer(settings.tiles, { maxZoom: 19, attribution: text(settings.credit) }).addTo(map);
  } else {
    credit.addAttribution("Contours : IGN. Communes : INSEE, IGN. Licence Ouverte");
    await background(L, map, settings);
  }
  pins(L, map, placed);
  // Leaflet hears it only while the map itself has the focus
  container.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  if (placed.length < items.length) credit.addAttribution(`${items.length - placed.length} sans adresse : dans la liste seulement`);
  return { close: () => map.remove() };
}

const point = (item) => [Number(item.dataset.lat), Number(item.dataset.lon)];

function text(value) {
  const holder = document.createElement("span");
  holder.textContent = value;
  return holder.innerHTML;
}

function style(address) {
  if (document.querySelector(`link[href="${CSS.escape(address)}"]`)) return;
  return new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: done, onerror: failed });
    // before ours, which has the last word
    document.querySelector("link[rel=stylesheet]").before(link);
  });
}

function json(address) {
  if (!brought.has(address)) brought.set(address, fetch(address).then((answer) => answer.json()));
  return brought.get(address);
}

// ---------------------------------------------------------------- background

async function background(L, map, settings) {
  const colours = getComputedStyle(map.getContainer());
  const line = colours.getPropertyValue("--r-map-line").trim();
  const land = colours.getPropertyValue("--r-map-land").trim();
  const renderer = L.canvas({ padding: 0.5 });
  const areas = (await json(settings.outlines)).map(([code, name, rings]) => {
    const shape = L.polygon(rings.map(unpack), { renderer, interactive: false, color: line, weight: 1, fillColor: land, fillOpacity: 1 });
    return { code, name, shape: shape.addTo(map), bounds: shape.getBounds() };
  });
  const names = L.layerGroup().addTo(map);
  const dots = L.layerGroup().addTo(map);
  const draw = async () => {
    const [view, zoom] = [map.getBounds(), map.getZoom()];
    const seen = areas.filter((area) => area.bounds.intersects(view));
    const communes = zoom < SHOWS_COMMUNES ? [] : (await Promise.all(seen.map(({ code }) => communesOf(settings, code)))).flat();
    if (!map.getPane("mapPane") || zoom !== map.getZoom()) return;
    names.clearLayers();
    dots.clearLayers();
    const inView = communes.filter(([, latitude, longitude]) => view.contains([latitude, longitude]));
    for (const [, latitude, longitude] of inView) {
      L.circleMarker([latitude, longitude], { renderer, interactive: false, radius: 2, stroke: false, fillColor: line, fillOpacity: 1 }).addTo(dots);
    }
    const called = zoom < SHOWS_COMMUNES ? seen.map(({ name, bounds }) => [name, bounds.getCenter().lat, bounds.getCenter().lng, 1]) : inView;
    for (const [name, latitude, longitude] of zoom < 7 ? [] : apart(map, called)) {
      const html = Object.assign(document.createElement("span"), { textContent: name });
      L.marker([latitude, longitude], { interactive: false, keyboard: false, icon: L.divIcon({ className: "relais-map__name", html, iconSize: null }) }).addTo(names);
    }
  };
  map.on("moveend", draw);
  await draw();
}

const communesOf = (settings, code) => json(settings.communes.replace(/00$/, code));

/** A ring as departements.json writes it: thousandths of a degree, east then north, each relative to the one before. */
function unpack(ring) {
  let [east, north] = [0, 0];
  const points = [];
  for (let at = 0; at < ring.length; at += 2) {
    east += ring[at];
    north += ring[at + 1];
    points.push([north / 1000, east / 1000]);
  }
  return points;
}

/** The names that stand apart from one another on the screen, those of the most people first. */
function apart(map, called) {
  const kept = [];
  for (const each of [...called].sort((one, other) => other[3] - one[3])) {
    const { x, y } = map.latLngToContainerPoint([each[1], each[2]]);
    const width = each[0].length * 7;
    if (kept.every((other) => Math.abs(other.x - x) > (other.width + width) / 2 + 6 || Math.abs(other.y - y) > 20)) kept.push({ x, y, width, each });
    if (kept.length === MOST_NAMES) break;
  }
  return kept.map(({ each }) => each);
}

// ---------------------------------------------------------------- pins

function pins(L, map, items) {
  for (const here of Map.groupBy ? Map.groupBy(items, where).values() : grouped(items)) pin(L, map, here);
}

const where = (item) => point(item).map((degrees) => degrees.toFixed(4)).join();

function grouped(items) {
  const groups = new Map();
  for (const item of items) groups.set(where(item), [...(groups.get(where(item)) ?? []), item]);
  return groups.values();
}

function pin(L, map, items) {
  const label = items.length > 1 ? `${items[0].dataset.rank} +${items.length - 1}` : items[0].dataset.rank;
  const html = Object.assign(document.createElement("span"), { textContent: label });
  const marker = L.marker(point(items[0]), { icon: L.divIcon({ className: `relais-pin${items.length > 1 ? " relais-pin--many" : ""}`, html, iconSize: items.length > 1 ? [48, 30] : [30, 30] }), riseOnHover: true });
  marker.bindPopup(card(items), { maxWidth: 260, autoPanPadding: [30, 30] }).addTo(map);
  const element = marker.getElement();
  const named = items.map((item) => `${item.dataset.rank}. ${item.dataset.name ?? item.querySelector("a").textContent}`);
  element.setAttribute("aria-label", named.join(" ; "));
  const light = (on) => () => {
    element.classList.toggle("relais-pin--lit", on);
    for (const item of items) item.classList.toggle("relais-result--lit", on);
  };
  for (const target of [element, ...items]) {
    target.addEventListener("pointerenter", light(true));
    target.addEventListener("pointerleave", light(false));
    target.addEventListener("focusin", light(true));
    target.addEventListener("focusout", light(false));
  }
  // who opened it with the keyboard goes on in it, and comes back to the pin
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") marker.once("popupopen", ({ popup }) => setTimeout(() => popup.getElement().querySelector("a[href]").focus()));
  });
  marker.on("popupopen", ({ popup }) => popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Fermer"));
  marker.on("popupclose", ({ popup }) => popup.getElement()?.contains(document.activeElement) && element.focus());
}

function card(items) {
  const list = document.createElement("ul");
  for (const item of items) {
    const line = document.createElement("li");
    const link = item.dataset.name ?? item.querySelector("a").cloneNode(true);
    const facts = item.querySelector(".relais-result__facts")?.cloneNode(true);
    line.append(`${item.dataset.rank}. `, link);
    if (facts) line.append(facts);
    list.append(line);
  }
  list.className = "relais-map__card";
  return list;
}
