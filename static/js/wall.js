/**
 * The map alone, for a screen on a wall: `?wall` in the address, or the button. The sets take turns, and the
 * page is loaded anew once a day, so that a screen that nobody touches is never older than its server.
 */

const TURN = 20_000;
const DAY = 24 * 3600 * 1000;
const root = document.documentElement;
const asked = new URLSearchParams(location.search).has("wall");

function turn() {
  const links = [...document.querySelectorAll("#rail li:not([hidden]) [data-set]")];
  const view = document.querySelector("[data-view][aria-pressed=true]")?.dataset.view;
  if (!("wall" in root.dataset) || view !== "one" || links.length < 2) return;
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  links[(at + 1) % links.length].click();
}

function set(on) {
  if (on) root.dataset.wall = "";
  else delete root.dataset.wall;
  window.dispatchEvent(new Event("resize"));
}

document.querySelector("[data-wall-toggle]").addEventListener("click", () => {
  set(true);
  root.requestFullscreen?.().catch(() => {});
});
document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && !asked) set(false); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && "wall" in root.dataset) set(false); });
setInterval(turn, TURN);
setTimeout(() => asked && location.reload(), DAY);
if (asked) set(true);
