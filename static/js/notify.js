/** Notifications of the browser, for whoever asked for them: a rollout is done, or stuck. */

import { Rollouts } from "./rolling.js";

const EVERY = 5000;
const KEY = "everynode-notify";
const button = document.querySelector("[data-notify]");
const rollouts = new Rollouts();
const words = button.dataset;

const wanted = () => localStorage.getItem(KEY) === "yes" && Notification.permission === "granted";

function tell(many) {
  if (!wanted()) return;
  for (const { code, name } of many) {
    const title = (code === "done" ? words.done : words.stuck).replace("{name}", name);
    const shown = new Notification(title, { body: words.cluster, tag: `${words.cluster}/${name}`, icon: words.icon });
    shown.addEventListener("click", () => { window.focus(); shown.close(); });
  }
}

function show() {
  button.setAttribute("aria-pressed", String(wanted()));
}

document.addEventListener("everynode:frame", ({ detail: frame }) => {
  if (frame.sets) tell(rollouts.hear(frame, performance.now()));
});
setInterval(() => tell(rollouts.look(performance.now())), EVERY);

button.addEventListener("click", async () => {
  const on = !wanted();
  if (on && (await Notification.requestPermission()) !== "granted") {
    button.title = words.refused;
    return;
  }
  localStorage.setItem(KEY, on ? "yes" : "no");
  show();
});

if ("Notification" in window) {
  button.hidden = false;
  show();
}
