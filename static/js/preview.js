/**
 * The preview of an edit: drawn on the map while it is open, closed by Escape or what closes it, and handed
 * over to the page of the map. What was typed stays in its form until it is applied.
 */

import { timesTyped } from "./forms.js";

const KEY = "everynode-preview";
const place = document.querySelector("#preview");
/** Forms whose answers are played out in memory. */
const PLAYED_OUT = "form:has([name=preview]), form[data-played-out]";
/** Milliseconds after which it is asked again whether what they need is there: it is not kept for ever. */
const AGAIN = 60000;
/** The button that asked for the preview, and how often somebody had typed into its form by then. */
let asked = null;
let typed = 0;

function cells() {
  const held = document.querySelector("#preview-cells");
  return held && Object.keys(JSON.parse(held.textContent)).length ? JSON.parse(held.textContent) : null;
}

/** Draw on the map, if this page has one, what the open preview says. */
function draw() {
  document.dispatchEvent(new CustomEvent("everynode:overlay", { detail: { cells: cells() } }));
}

function close() {
  place.replaceChildren();
}

/** The panel as it came, without the styles that htmx leaves on what it swaps in: the policy forbids them. */
function handedOver() {
  const copy = place.cloneNode(true);
  for (const one of copy.querySelectorAll("[style]")) one.removeAttribute("style");
  return copy.innerHTML;
}

let open = false;
new MutationObserver(() => {
  const now = Boolean(place.firstElementChild);
  draw();
  if (now) place.querySelector("h2").focus();
  else if (open) (asked?.closest("details:not([open])")?.querySelector("summary") ?? asked)?.focus();
  open = now;
}).observe(place, { childList: true });

document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.closest("[name=preview]")) asked = at.closest("[name=preview]");
  else if (at.closest("form:has([name=preview]:checked) [type=submit]")) asked = at.closest("[type=submit]");
  if (asked?.contains(at)) typed = timesTyped(asked.form);
  if (at.closest("#preview [data-preview-close]")) {
    event.preventDefault();
    close();
  }
  if (at.closest("#preview [data-preview-map]")) sessionStorage.setItem(KEY, handedOver());
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open || document.querySelector("dialog[open], details.menu[open]")) return;
  event.preventDefault();
  close();
}, true);

// What was typed is what stands now: its form follows the others again, unless somebody typed on.
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { sourceElement: form, response } = detail.ctx;
  if (response.status >= 400 || form.id !== "preview-apply") return;
  if (!asked?.form || timesTyped(asked.form) !== typed) return;
  delete asked.form.dataset.touched;
  if (asked.form.matches("[data-reset]")) asked.form.reset();
});

const handed = sessionStorage.getItem(KEY);
if (handed && document.querySelector("#map")) {
  sessionStorage.removeItem(KEY);
  place.innerHTML = handed;
  htmx.process(place);
}

// The first preview of a cluster needs all of it in memory: it is loaded once somebody turns to such a form.
let begun = 0;

async function loaded() {
  const answer = await fetch(place.dataset.loaded);
  return answer.ok ? (await answer.json()).loaded : 1;
}

function begin({ target }) {
  if (Date.now() - begun < AGAIN || !target.closest?.(PLAYED_OUT)) return;
  begun = Date.now();
  loaded().catch(() => { begun = 0; });
}

document.addEventListener("pointerover", begin);
document.addEventListener("focusin", begin);

const working = document.querySelector("#working");
working.addEventListener("everynode:working", async ({ detail }) => {
  if (!detail.forms.some((form) => form.matches(PLAYED_OUT))) return;
  const share = await loaded().catch(() => 1);
  const words = place.dataset.words.replace("{percent}", Math.round(share * 100));
  working.lastElementChild.textContent = share < 1 && !working.hidden ? words : "";
});
