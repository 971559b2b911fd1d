// The parts of CodeMirror that the pages use, in one file. tools/vendor.py bundles it into static/vendor/.

import { StyleModule } from "style-mod";

export { acceptCompletion, autocompletion, completionKeymap, startCompletion } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory } from "@codemirror/commands";
export { yaml } from "@codemirror/lang-yaml";
export {
  bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
export { lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
export { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
export { Annotation, EditorState } from "@codemirror/state";
export {
  drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap,
  lineNumbers,
} from "@codemirror/view";
export { tags } from "@lezer/highlight";

// The pages' policy allows no <style> elements, which is where the library would put its rules.
const sheet = new CSSStyleSheet();
const mounted = new Set();
StyleModule.mount = (_root, modules) => {
  for (const one of [modules].flat()) {
    if (mounted.has(one)) continue;
    mounted.add(one);
    for (const rule of one.rules) sheet.insertRule(rule, sheet.cssRules.length);
  }
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
};
