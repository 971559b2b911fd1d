/** The editor of YAML: CodeMirror in the page's colours, kept the same as the area that the form sends. */

import {
  acceptCompletion, Annotation, autocompletion, bracketMatching, codeFolding, completionKeymap, defaultKeymap,
  drawSelection, dropCursor, EditorState, EditorView, foldGutter, foldKeymap, highlightActiveLine,
  highlightActiveLineGutter, highlightSelectionMatches, HighlightStyle, history, historyKeymap, hoverTooltip,
  indentLess, indentMore, indentUnit, isolateHistory, keymap, lineNumbers, lintGutter, nextDiagnostic,
  previousDiagnostic, search, searchKeymap, startCompletion, syntaxHighlighting, tags, yaml,
} from "../vendor/codemirror.mjs";
import { Check } from "./yamlcheck.js";
import { asker, completions, meaning } from "./yamlfields.js";
import { takeFiles } from "./yamlfiles.js";

/** How long Tab leaves the text after Escape, in milliseconds, unless another key is pressed. */
const LEAVING = 20_000;
/** A change that comes from the page, not from who types. */
const fromPage = Annotation.define();

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: "var(--ink)" },
  { tag: [tags.attributeValue, tags.number, tags.bool, tags.null, tags.atom], color: "var(--good)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.meta, tags.labelName, tags.typeName, tags.keyword], color: "var(--odd)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--ink-soft)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--field)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--ink-faint)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--raised) 70%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important",
  },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--warn-soft)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)" },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", color: "var(--ink-soft)", border: "0", padding: "0 6px" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panel.cm-search": { display: "flex", flexWrap: "wrap", gap: "4px", alignItems: "center", padding: "6px 30px 6px 8px" },
  ".cm-panel.cm-search br": { flexBasis: "100%" },
  ".cm-panel.cm-search label": { display: "inline-flex", alignItems: "center", gap: "4px", fontSize: "12px", whiteSpace: "nowrap" },
  ".cm-panel.cm-search input[type=checkbox]": { margin: "0" },
  ".cm-panel.cm-search .cm-textfield": { width: "min(260px, 60%)", margin: "0", fontSize: "13px" },
  ".cm-panel.cm-search .cm-button": {
    margin: "0", fontSize: "12px", backgroundImage: "none", backgroundColor: "var(--field)", color: "var(--ink)",
    border: "1px solid var(--line-strong)", borderRadius: "var(--radius)", padding: "2px 8px",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", fontSize: "18px", padding: "2px 8px", minHeight: "0" },
  ".cm-textfield, .cm-button": { fontSize: "12px" },
  ".cm-textfield": { backgroundColor: "var(--field)", color: "var(--ink)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip": {
    backgroundColor: "var(--ground)", color: "var(--ink)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)", boxShadow: "var(--shadow)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxWidth: "min(520px, 90vw)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.8" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionInfo, .cm-yaml-meaning": {
    maxWidth: "min(460px, 86vw)", maxHeight: "260px", overflowY: "auto", padding: "8px 10px",
    fontSize: "13px", whiteSpace: "pre-wrap", overflowWrap: "anywhere",
  },
  ".cm-yaml-meaning b": { fontFamily: "var(--mono)" },
  ".cm-diagnostic": { padding: "6px 10px", whiteSpace: "pre-wrap", overflowWrap: "anywhere", maxWidth: "min(560px, 86vw)" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px" },
  ".cm-lint-marker-error": { content: "none" },
  ".cm-lint-marker": { width: "8px", height: "8px", margin: "5px 3px", borderRadius: "50%", backgroundColor: "var(--bad)" },
  ".cm-gutter-lint": { width: "14px" },
});

const words = () => JSON.parse(document.querySelector("#editor-words").textContent);

/** What every text has, whether it is read or written. */
function common(said) {
  return [
    EditorState.phrases.of(said), lineNumbers(), foldGutter(), codeFolding(), yaml(), look,
    syntaxHighlighting(colours), highlightSelectionMatches(), search({ top: true }), EditorState.tabSize.of(2),
    bracketMatching(),
  ];
}

/** Explain the key under the pointer as kubectl explain does. */
function explained(known, said) {
  return hoverTooltip(async (view, pos) => {
    const line = view.state.doc.lineAt(pos);
    const lines = view.state.doc.toString().split("\n");
    const found = await meaning(known, lines, line.number - 1, pos - line.from);
    if (!found) return null;
    const create = () => ({ dom: told(found, said) });
    return { pos: line.from + found.from, end: line.from + found.to, above: true, create };
  });
}

/** What a field is, as an element. */
function told({ label, detail, required, about, values = [] }, said) {
  const dom = document.createElement("div");
  dom.className = "cm-yaml-meaning";
  dom.appendChild(document.createElement("b")).textContent = label;
  dom.append(` <${detail}>${required ? ` ${said.required}` : ""}\n${about}`);
  if (values.length && !about.includes("enum")) dom.append(`\n${said.values.replace("{values}", values.join(", "))}`);
  return dom;
}

/** Offer keys and values of the kind that the document under the cursor is of. */
function completing(known) {
  return async ({ state, pos, explicit }) => {
    const line = state.doc.lineAt(pos);
    const lines = state.doc.toString().split("\n");
    const found = await completions(known, lines, line.number - 1, pos - line.from);
    if (!found?.options.length || (!explicit && !typed(line.text, pos - line.from))) return null;
    const options = found.options.map((one) => ({
      label: one.label, detail: one.detail, boost: one.required ? 1 : 0, info: one.about || undefined,
      apply: (view, _option, from, to) => write(view, one.text, from, to),
    }));
    return { from: line.from + found.from, options, validFor: /^[\w./-]*$/ };
  };
}

/** Whether something was begun before a cursor: a word, an item, or the value of a key. */
const typed = (text, column) => /[\w./-]$|: $|- $/.test(text.slice(0, column));

function write(view, text, from, to) {
  view.dispatch({
    changes: { from, to, insert: text }, selection: { anchor: from + text.length },
    scrollIntoView: true, userEvent: "input.complete",
  });
  if (/[ ]$/.test(text)) startCompletion(view);
}

/** Tab indents; after Escape it leaves the text, until another key is pressed. */
const tabs = [
  keymap.of([
    { key: "Tab", run: acceptCompletion },
    { key: "Tab", run: indent, shift: indentLess },
    { key: "F8", run: nextDiagnostic, shift: previousDiagnostic, preventDefault: true },
  ]),
  // Not a handler: of an Escape that closed something else those are not told.
  EditorView.domEventObservers({
    keydown: (event, view) => {
      if (event.key === "Escape") queueMicrotask(() => view.setTabFocusMode(LEAVING));
    },
  }),
];

// Where a browser types over a selection it leaves a style on the text, which the page's policy forbids.
const over = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (event.inputType !== "insertText" || event.data === null || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

function indent(view) {
  if (view.state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  const { head } = view.state.selection.main;
  const room = 2 - ((head - view.state.doc.lineAt(head).from) % 2);
  view.dispatch(view.state.replaceSelection(" ".repeat(room)), { userEvent: "input", scrollIntoView: true });
  return true;
}

/** Put an editor before the area of a field. */
export function edit(place) {
  const said = words();
  const area = place.querySelector("textarea");
  const label = place.querySelector("label");
  const known = asker(place.dataset.fields);
  const check = new Check(place, area.form);
  const follow = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    area.value = update.state.doc.toString();
    if (update.transactions.some((one) => one.annotation(fromPage))) return;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    check.soon();
  });
  const view = new EditorView({
    parent: place.querySelector(".editor-view"),
    doc: area.value,
    extensions: [
      ...common(said), history(), drawSelection(), dropCursor(), highlightActiveLine(), highlightActiveLineGutter(),
      indentUnit.of("  "), lintGutter(), autocompletion({ override: [completing(known)], icons: false }),
      explained(known, said), tabs, over, follow,
      keymap.of([...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...defaultKeymap]),
      EditorView.contentAttributes.of({
        "aria-labelledby": label.id, "aria-describedby": `${area.id}_keys`, autocapitalize: "off", tabindex: "0",
      }),
    ],
  });
  label.removeAttribute("for");
  label.addEventListener("click", () => view.focus());
  area.form.noValidate = true;  // the area is hidden: the browser could not show what it wants
  const editor = new Editor(view, area, "several" in place.dataset);
  check.begin(view, editor);
  takeFiles(place, editor, said);
  const keep = () => editor.show(area.value);
  document.body.addEventListener("htmx:after:swap", () => { keep(); check.stands(); });
  area.form.addEventListener("reset", () => queueMicrotask(keep));
}

/** What the page does to the text of an editor. */
class Editor {
  constructor(view, area, several) {
    Object.assign(this, { view, area, several });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** Show what the area holds: the page was drawn anew. */
  show(text) {
    if (text === this.text) return;
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: text }, annotations: fromPage.of(true),
    });
  }

  /** Put another text in the place of all that stands; one Undo brings that back. */
  replace(text) {
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: text }, annotations: isolateHistory.of("full"),
      selection: { anchor: 0 }, scrollIntoView: true,
    });
    this.view.focus();
  }

  /** Add a text: as further documents if several may stand there, else in the place of what stands. */
  add(text) {
    const before = this.text.trimEnd();
    this.replace(before && this.several ? `${before}\n---\n${text}` : text);
    if (before && this.several) this.goto(before.split("\n").length + 2, 1);
  }

  /** Lead to a line and column, from 1. */
  goto(line, column) {
    const { view } = this;
    view.dispatch({ selection: { anchor: this.offset(line, column) }, scrollIntoView: true });
    view.focus();
  }

  /** The place of a line and column, which counts characters, not units of UTF-16; 0 is where the line's text begins. */
  offset(line, column) {
    const found = this.view.state.doc.line(Math.max(1, Math.min(line, this.view.state.doc.lines)));
    if (!column) return found.from + found.text.search(/\S|$/);
    return found.from + [...found.text].slice(0, column - 1).join("").length;
  }
}

/** Colour a text that is read, and follow it. */
export function read(place) {
  const said = words();
  const source = place.querySelector("pre");
  const label = place.querySelector("summary").textContent.trim();
  const view = new EditorView({
    parent: place.querySelector(".editor-view"),
    doc: source.textContent,
    extensions: [
      ...common(said), EditorState.readOnly.of(true), EditorView.editable.of(false),
      explained(asker(place.dataset.fields), said), keymap.of([...searchKeymap, ...foldKeymap, ...defaultKeymap]),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label }),
    ],
  });
  new MutationObserver(() => {
    const text = source.textContent;
    if (text !== view.state.doc.toString()) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    }
  }).observe(source, { childList: true, characterData: true, subtree: true });
}
