/** What every page does: the stored choice of light or dark, toasts that leave, menus that close. */

import { inGroups } from "./numbers.js";

const STAY = 4500;
/** A toast that offers something is read and thought about. */
const STAY_WITH_OFFER = 12000;
const TWICE = 1000;
/** So long a form waits for its answer; it says for how long it has. */
const PATIENCE = "600s";
/** A press lasts that long at most: some have no end that a page hears of. */
const PRESS = 2000;
/** So many toasts are seen at once. */
const MOST = 3;
const root = document.documentElement;

function toggleTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("everynode-theme", root.dataset.theme);
}

/** Return the form that a request is of, also where a button of it asks; none of what a page asks by itself. */
function formOf(context) {
  const source = context?.sourceElement;
  return source?.matches("form") ? source : source?.closest("button")?.form ?? null;
}

/** Let a toast leave by itself, unless it tells of a failure or the pointer rests on it. */
function usher(toast) {
  if (toast.matches?.(".toast:not(.error)")) {
    setTimeout(() => (toast.matches(":hover, :focus-within") ? usher(toast) : toast.remove()),
      toast.querySelector("form") ? STAY_WITH_OFFER : STAY);
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
  const ticked = form.querySelectorAll(`input[name="${name}"]:checked`).length;
  const count = form.elements.all?.checked ? Number(total) : ticked;
  told.textContent = (count === 1 ? one : other).replace("{n}", inGroups(count));
}

document.addEventListener("change", (event) => {
  if (event.target.dataset?.all) tickAll(event.target);
  tellChosen(event.target.form);
});
// One that was ticked before this script was there has not been heard yet.
document.querySelectorAll("input[data-all]:checked").forEach(tickAll);
document.querySelectorAll("form:has([data-chosen])").forEach(tellChosen);

const toasts = document.querySelector("#toasts");
for (const toast of toasts.children) usher(toast);
new MutationObserver((changes) => {
  for (const change of changes) for (const toast of change.addedNodes) usher(toast);
  // A pile of them would cover the page: what was said first goes first, but for failures.
  const piled = [...toasts.querySelectorAll(".toast:not(.error)")];
  for (const toast of piled.slice(0, -MOST)) toast.remove();
}).observe(toasts, { childList: true });

// A page asks again by itself; what a person pressed must not vanish without a word.
document.addEventListener("htmx:error", ({ detail }) => {
  if (!formOf(detail.ctx)) return;
  toasts.append(document.querySelector("#unsent").content.cloneNode(true));
});

// An edit of a large cluster, or its preview, may take a busy server longer than htmx waits by itself.
document.addEventListener("htmx:config:request", ({ detail }) => {
  if (formOf(detail.ctx)) detail.ctx.request.timeout = PATIENCE;
});

// What comes while something is pressed waits for its release: else the button may have moved on by then.
let released = Promise.resolve();
document.addEventListener("pointerdown", ({ button }) => {
  if (button !== 0) return;
  released = new Promise((release) => {
    setTimeout(release, PRESS);
    // Not before the click that follows.
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(release), { once: true });
  });
}, { capture: true });

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    await released;
    return answer;
  };
});

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

// The second press of a double click does not send a form again.
document.addEventListener("submit", (event) => {
  const { target: form } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "sent";
  setTimeout(() => delete form.dataset.sent, TWICE);
});

// What was taken back is offered no longer. Not before the swap: what is gone by then is not answered.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  const { sourceElement, response } = detail.ctx ?? {};
  if (response?.status < 400) sourceElement?.closest?.(".toast")?.remove();
});

// What is wrong with a form is in sight, also where the form is at the end of a panel.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  const { sourceElement, response } = detail.ctx ?? {};
  if (response?.status >= 400) sourceElement?.querySelector?.(".faults li")?.scrollIntoView({ block: "nearest" });
});

/** Forms into which somebody typed after they were sent: what answers them must not take that away. */
const typedSince = new WeakSet();

document.addEventListener("input", ({ target }) => target.form && typedSince.add(target.form));
document.addEventListener("htmx:before:request", ({ detail }) => typedSince.delete(detail.ctx.sourceElement));

// A field for one more thing is emptied once the thing is done.
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { sourceElement: form, response } = detail.ctx;
  if (response.status < 400 && form.matches("form[data-reset]") && !typedSince.has(form)) form.reset();
});

// A slider says where it stands.
document.addEventListener("input", ({ target }) => {
  const told = target.type === "range" && target.parentElement.querySelector(":scope > output");
  if (told) told.value = target.value;
});

// A form follows what others change until somebody types into it (first.js); once it is sent it follows again.
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { sourceElement: form, response } = detail.ctx;
  if (response.status >= 400 || !form.matches("form[data-live]") || typedSince.has(form)) return;
  for (const field of form.elements) {
    field.defaultValue = field.value;
    for (const option of field.options ?? []) option.defaultSelected = option.selected;
  }
  form.reset();
  delete form.dataset.touched;
});
