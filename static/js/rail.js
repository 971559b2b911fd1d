/** Of which namespace the rail lists workloads. It is remembered for each cluster while the browser is open. */

const rail = document.querySelector("#rail");
const filter = () => rail.querySelector("[data-rail-filter]");
const keyOf = (label) => `everynode-namespace-${label.dataset.railFilter}`;

/** Hide the workloads of other namespaces, but never the one that the page is about. */
function apply() {
  const label = filter();
  const kept = label ? sessionStorage.getItem(keyOf(label)) : null;
  let chosen = "";
  if (label) {
    const select = label.querySelector("select");
    select.value = kept ?? "";
    if (select.selectedIndex < 0) select.value = "";
    chosen = select.value;
    label.hidden = false;
  }
  for (const row of rail.querySelectorAll("[data-namespace]")) {
    row.hidden = chosen !== "" && row.dataset.namespace !== chosen && !row.querySelector("[aria-current]");
  }
}

rail.addEventListener("change", ({ target }) => {
  const label = target.closest("[data-rail-filter]");
  if (!label) return;
  sessionStorage.setItem(keyOf(label), target.value);
  apply();
});
// A refreshed rail has them all again.
document.body.addEventListener("htmx:after:swap", apply);
apply();
