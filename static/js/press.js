/** What is pressed: what comes meanwhile waits for the release, and a double click is one press. */

/** A press lasts that long at most: some have no end that a page hears of. */
const PRESS = 2000;
/** Milliseconds from the lifting of a finger to the click that it makes, at most. */
const TAP = 400;
/** What is pressed by the space bar as if by a pointer. */
const PRESSED = "button, summary, select, input:is([type=checkbox], [type=radio])";

let release = Promise.resolve();

/** When nothing is pressed any more: else what is pressed may have moved on by then, and nothing is clicked. */
export const released = () => release;

/** @param {(over: () => void, signal: AbortSignal) => void} listen tells of the end of a press */
function hold(listen) {
  release = new Promise((resolve) => {
    const listening = new AbortController();
    const over = () => { listening.abort(); resolve(); };
    setTimeout(over, PRESS);
    listen(over, listening.signal);
  });
}

addEventListener("pointerdown", ({ button }) => {
  if (button !== 0) return;
  hold((over, signal) => {
    const heard = { capture: true, signal };
    addEventListener("pointercancel", over, heard);
    // Not before the click that follows, which after a touch comes by itself.
    addEventListener("pointerup", ({ pointerType }) => setTimeout(over, pointerType === "touch" ? TAP : 0), heard);
    addEventListener("click", () => setTimeout(over), heard);
  });
}, { capture: true });

addEventListener("keydown", (event) => {
  const { key, repeat, target } = event;
  // A key that is held down sends a form once.
  if (key === "Enter" && repeat && target.matches?.("button, input")) event.preventDefault();
  if (key !== " " || repeat || !target.matches?.(PRESSED)) return;
  hold((over, signal) => addEventListener("keyup", () => setTimeout(over), { capture: true, signal }));
}, { capture: true });

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    await released();
    return answer;
  };
});

let last = null;

// The second click of a double click is none, also where the button means the contrary by then: pause and
// resume, or the next wave. What is meant to be repeated says so.
addEventListener("click", (event) => {
  const button = event.target.closest?.("button[type=submit]");
  if (button && button === last && event.detail > 1 && !("repeats" in button.dataset)) {
    event.preventDefault();
    event.stopPropagation();
  }
  last = button;
}, { capture: true });
