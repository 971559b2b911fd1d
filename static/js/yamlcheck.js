/** What the server finds wrong with a text while it is typed: marked in the text, listed below it. */

import { setDiagnostics } from "../vendor/codemirror.mjs";

/** Milliseconds without a key after which the text is looked at; of a long text more. */
const PAUSE = 200;
const LONG = 100_000;
const PAUSE_OF_LONG = 1000;

export class Check {
  constructor(place, form) {
    Object.assign(this, { place, form, timer: 0, running: false, again: false, told: null });
    this.list = place.querySelector("[data-checked]");
    this.standing = this.mark();
  }

  /** Begin with what the page was sent with. */
  begin(view, editor) {
    Object.assign(this, { view, editor });
    this.show();
    this.list.addEventListener("click", (event) => this.click(event));
  }

  /** Look at the text once nobody types. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), this.view.state.doc.length > LONG ? PAUSE_OF_LONG : PAUSE);
  }

  /** Ask, one question at a time: an answer to a text that is no longer there marks nothing. */
  async run() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    const [{ doc }, seen] = [this.view.state, this.seen()];
    const answer = await this.ask().catch(() => null);
    this.running = false;
    if (answer !== null && doc.eq(this.view.state.doc) && seen === this.seen()) {
      if (answer !== this.told) this.list.innerHTML = answer;  // the same again is not read aloud again
      this.told = answer;
      this.show();
    }
    if (this.again) {
      this.again = false;
      this.run();
    }
  }

  async ask() {
    const fields = new URLSearchParams();
    for (const name of ["csrfmiddlewaretoken", "seen", "text"]) fields.set(name, this.form.elements[name]?.value ?? "");
    const answer = await fetch(this.place.dataset.check, { method: "POST", body: fields });
    return answer.ok && !answer.redirected ? answer.text() : null;
  }

  /** Mark in the text what the list tells. */
  show() {
    const marks = [...this.list.querySelectorAll("[data-line]")].map((one) => {
      const from = this.editor.offset(Number(one.dataset.line), Number(one.dataset.column));
      const line = this.view.state.doc.lineAt(from);
      const to = line.from + line.text.trimEnd().length;
      return { from, to: Math.max(from, to), severity: "error", message: one.querySelector("span").textContent };
    });
    marks.sort((a, b) => a.from - b.from);
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  /** The version that the text was made from. */
  seen() {
    return this.form.elements.seen?.value;
  }

  mark() {
    return document.querySelector("[data-standing]")?.dataset.standing;
  }

  /** The page was drawn anew: if the object is another one than before, a text that was typed may be stale. */
  stands() {
    const now = this.mark();
    if (now === this.standing) return;
    this.standing = now;
    if ("touched" in this.form.dataset) this.run();
  }

  click(event) {
    const at = event.target;
    const fault = at.closest("a")?.closest("[data-line]");
    const stale = at.closest("[data-stale]");
    if (fault) {
      event.preventDefault();
      this.editor.goto(Number(fault.dataset.line), Number(fault.dataset.column));
    } else if (stale && at.closest("[data-keep], [data-take]")) {
      this.form.elements.seen.value = stale.dataset.stale;
      const theirs = stale.querySelector("[data-theirs]").textContent;
      stale.remove();
      this.told = null;
      if (at.closest("[data-take]")) this.editor.replace(theirs);
      else this.view.focus();
      this.run();
    }
  }
}
