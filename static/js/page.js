/** What every page does: the stored choice of light or dark, toasts that leave, menus that close. */

const STAY = 4500;
const root = document.documentElement;

function toggleTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("everynode-theme", root.dataset.theme);
}

/** Let a toast leave by itself, unless it tells of a failure or the pointer rests on it. */
function usher(toast) {
  if (toast.matches?.(".toast:not(.error)")) {
    setTimeout(() => (toast.matches(":hover, :focus-within") ? usher(toast) : toast.remove()), STAY);
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

/** A box that ticks all boxes of its form that bear the name it speaks of. */
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.all;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
});

const toasts = document.querySelector("#toasts");
for (const toast of toasts.children) usher(toast);
new MutationObserver((changes) => {
  for (const change of changes) for (const toast of change.addedNodes) usher(toast);
}).observe(toasts, { childList: true });

// A field for one more thing is emptied once the thing is done.
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { sourceElement: form, response } = detail.ctx;
  if (response.status < 400 && form.matches("form[data-reset]")) form.reset();
});
