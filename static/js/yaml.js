/**
 * YAML on a page: an editor before each area into which it is typed, colours where it is read. The library is
 * fetched where it is needed: at once for what is typed, when it is opened for what is read.
 */

const load = () => import("./yamleditor.js");

for (const place of document.querySelectorAll("[data-yaml]")) {
  load().then(({ edit }) => edit(place));
}

document.addEventListener("toggle", async ({ target }) => {
  if (!target.matches?.("details[data-yaml-read][open]") || target.dataset.shown) return;
  target.dataset.shown = "";
  const { read } = await load();
  read(target);
}, true);
