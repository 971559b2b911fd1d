/** What every page does: the stored choice of light or dark, toasts that leave, menus that close. */

import { formOf } from "./forms.js";
import { inGroups } from "./numbers.js";
import { released } from "./press.js";

const STAY = 4500;
/** A toast that offers something is read and thought about. */
const STAY_WITH_OFFER = 12000;
/** So many toasts are seen at once. */
const MOST = 3;
const root = document.documentElement;

function toggleTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("everynode-theme", root.dataset.theme);
}

/** Let a toast leave by itself, unless it tells of a failure; not while somebody is at them: the others would move. */
function usher(toast) {
  if (toast.matches?.(".toast:not(.error)")) {
    setTimeout(async () => {
      await released();
      if (toasts.matches(":hover, :focus-within")) usher(toast);
      else toast.remove();
    }, toast.querySelector("form") ? STAY_WITH_OFFER : STAY);
  }
}

document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.closest("[data-theme-toggle]")) toggleTheme();
  at.closest("[data-dismiss]")?.closest(".toast").remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(at) || at.closest(".sheet button[type=submit]")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/** Tick all boxes of a form that bear the name that one box speaks of, or none. */
function tickAll(one) {
  for (const box of one.form.querySelectorAll(`input[name="${one.dataset.all}"]`)) box.checked = one.checked;
}

/** Say how many boxes of a form are ticked; `all` stands for as many as its words say. */
function tellChosen(form) {
  const told = form?.querySelector("[data-chosen]");
  if (!told) return;
  const { chosen: name, total, one, other } = told.dataset;
  const boxes = [...form.querySelectorAll(`input[name="${name}"]`)];
  const ticked = boxes.filter((box) => box.checked).length;
  const count = form.elements.all?.checked ? Number(total) : ticked;
  told.textContent = (count === 1 ? one : other).replace("{n}", inGroups(count));
  for (const one of form.querySelectorAll("[data-all]")) one.checked = ticked > 0 && ticked === boxes.length;
}

const tellAllChosen = () => document.querySelectorAll("form:has([data-chosen])").forEach(tellChosen);

document.addEventListener("change", (event) => {
  if (event.target.dataset?.all) tickAll(event.target);
  tellChosen(event.target.form);
});
// One that was ticked before this script was there has not been heard yet.
document.querySelectorAll("input[data-all]:checked").forEach(tickAll);
tellAllChosen();
// Rows come and go.
document.addEventListener("htmx:after:swap", tellAllChosen);

const toasts = document.querySelector("#toasts");
for (const toast of toasts.children) usher(toast);
new MutationObserver((changes) => {
  for (const change of changes) for (const toast of change.addedNodes) usher(toast);
  // A pile of them would cover the page: what was said first goes first, but for failures.
  const piled = [...toasts.querySelectorAll(".toast:not(.error)")];
  for (const toast of piled.slice(0, -MOST)) toast.remove();
}).observe(toasts, { childList: true });

// What takes long says for how long it has been at it.
const working = document.querySelector("#working");
const sent = new Map();

function tellOfWork() {
  const first = Math.min(...sent.values());
  const seconds = Math.round((Date.now() - first) / 1000);
  working.hidden = !sent.size || seconds < 1;
  if (!sent.size) return;
  working.firstElementChild.textContent = working.dataset.words.replace("{seconds}", seconds);
  const forms = [...sent.keys()].map(formOf);
  working.dispatchEvent(new CustomEvent("everynode:working", { detail: { forms } }));
  setTimeout(tellOfWork, 1000);
}

function begin(work) {
  sent.set(work, Date.now());
  if (sent.size === 1) setTimeout(tellOfWork, 1000);
}

document.addEventListener("htmx:before:request", ({ detail }) => {
  if (formOf(detail.ctx)) begin(detail.ctx);
});

// A form with a file leads to another page once the file is read; until then this one is there.
document.addEventListener("submit", ({ target, defaultPrevented }) => {
  const leaves = !defaultPrevented && target.enctype === "multipart/form-data" && !target.hasAttribute("hx-post");
  if (leaves) begin({ sourceElement: target });
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) sent.clear();
});

document.addEventListener("htmx:finally:request", ({ detail }) => {
  sent.delete(detail.ctx);
  if (sent.size) return;
  working.hidden = true;
  for (const line of working.children) line.textContent = "";
});
