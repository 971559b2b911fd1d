/** The search that opens over any page of a cluster, by its link or by Ctrl-K. */

const dialog = document.querySelector("#search");
const field = dialog.querySelector("input");

/** Whether Enter was pressed before there was what it opens. */
let entered = false;

function show() {
  dialog.showModal();
  field.select();
  field.dispatchEvent(new Event("search"));
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else show();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-search]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  show();
});

// What is done shows on the page below, and in a toast.
dialog.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-does]")) dialog.close();
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

// The arrow keys walk the field and what was found; Enter in the field opens the first.
dialog.addEventListener("keydown", (event) => {
  const stops = [field, ...dialog.querySelectorAll(".hits :is(a, button)")];
  const at = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    entered = false;
    stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
  } else if (event.key === "Enter" && at === 0) {
    event.preventDefault();
    entered = true;
    enter();
  }
});

/** Open the first of what was found, once that is of what is typed and not of its beginning. */
function enter() {
  const hits = dialog.querySelector(".hits");
  if (!entered || hits?.dataset.of !== field.value.trim()) return;
  entered = false;
  hits.querySelector("a, button")?.click();
}

document.body.addEventListener("htmx:after:swap", enter);
for (const other of ["input", "close"]) dialog.addEventListener(other, () => { entered = false; });
