/**
 * What becomes of a form when its answer comes: what was typed since stays, and what it is told is seen,
 * also where the form is gone by then, or that of something else.
 */

/** So long a form waits for its answer; it says for how long it has. */
const PATIENCE = "600s";
const TWICE = 1000;
const toasts = document.querySelector("#toasts");

/** Return the form that a request is of, also where a button of it asks; none of what a page asks by itself. */
export function formOf(context) {
  const source = context?.sourceElement;
  return source?.matches("form") ? source : source?.closest("button")?.form ?? null;
}

/** How often somebody typed into a form. */
const typed = new WeakMap();
/** Of requests: how often that was when they were sent, and where they were sent to. */
const sent = new WeakMap();

export const timesTyped = (form) => typed.get(form) ?? 0;
const typedSince = (context) => timesTyped(formOf(context)) !== sent.get(context)?.times;
const target = (element) => element.getAttribute("hx-post") ?? element.getAttribute("hx-get");

/** Whether a form is where it was and about what it was about when it was sent. */
const stands = (context) =>
  context.sourceElement.isConnected && target(context.sourceElement) === sent.get(context)?.target;

document.addEventListener("input", ({ target: { form } }) => form && typed.set(form, timesTyped(form) + 1));

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const form = formOf(ctx);
  if (!form) return;
  // An edit of a large cluster, or its preview, may take a busy server longer than htmx waits by itself.
  ctx.request.timeout = PATIENCE;
  // An answer to what is gone is dropped; parts of this one are of the page.
  ctx.target = toasts;
  sent.set(ctx, { times: timesTyped(form), target: target(ctx.sourceElement) });
});

/** Tell in a toast what a person must not miss. */
function tell(lines) {
  const toast = document.querySelector("#unsent").content.cloneNode(true);
  if (lines) toast.querySelector("p").textContent = lines.join("\n");
  toasts.append(toast);
}

// A page asks again by itself; what a person pressed must not vanish without a word.
document.addEventListener("htmx:error", ({ detail }) => {
  if (formOf(detail.ctx)) tell();
});

/** Put into a form what stands in another. */
function carryOver(form, fresh) {
  for (const field of form.elements) {
    const same = field.id && fresh.elements[field.id];
    if (!same || ["hidden", "file"].includes(same.type)) continue;
    same.value = field.value;
    same.checked = field.checked;
  }
}

document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const form = formOf(ctx);
  if (!form) return;
  if (stands(ctx)) {
    const anew = tasks.find((task) => task.target === form);
    const fresh = anew?.fragment.querySelector("form");
    if (fresh && typedSince(ctx)) carryOver(form, fresh);
    return;
  }
  const parts = tasks.filter(({ target: place }) => !place?.isConnected || form.contains(place));
  for (const part of parts) part.swapSpec = { style: "none" };
  const faults = parts.flatMap(({ fragment }) => [...fragment.querySelectorAll("li, dt, dd")]);
  if (faults.length) tell(faults.map((fault) => fault.textContent.trim()));
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

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const { sourceElement: form, response } = ctx;
  if (response.status >= 400 || !form.matches("form[data-reset], form[data-live]") || !stands(ctx)) return;
  if (typedSince(ctx)) standNow(form, ctx.request.body);
  else if ("reset" in form.dataset) form.reset(); // a field for one more thing is emptied once the thing is done
  else follow(form);
});

/** What was sent stands now: what was typed since is made from that. */
function standNow(form, body) {
  for (const [name, value] of body) {
    const made = form.elements[`initial-${name}`];
    if (made) made.value = value;
  }
}

/** A form follows what others change until somebody types into it (first.js); once it is sent it follows again. */
function follow(form) {
  for (const field of form.elements) {
    field.defaultValue = field.value;
    for (const option of field.options ?? []) option.defaultSelected = option.selected;
  }
  form.reset();
  delete form.dataset.touched;
}

// A form that leads to another page is not sent again meanwhile.
document.addEventListener("submit", (event) => {
  const { target: form } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "sent";
  setTimeout(() => delete form.dataset.sent, TWICE);
});

// A slider says where it stands.
document.addEventListener("input", ({ target: field }) => {
  const told = field.type === "range" && field.parentElement.querySelector(":scope > output");
  if (told) told.value = field.value;
});
