/** A field for YAML: line numbers, Tab that indents (Escape, then Tab, leaves), examples to begin with. */

for (const editor of document.querySelectorAll("[data-editor]")) setUp(editor);

function setUp(editor) {
  const text = editor.querySelector("textarea");
  const gutter = editor.querySelector(".gutter");
  let leaving = false;
  const number = () => {
    const lines = text.value.split("\n").length;
    gutter.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
    gutter.scrollTop = text.scrollTop;
  };
  text.addEventListener("input", number);
  document.body.addEventListener("htmx:after:swap", number); // the text follows what others save
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && !leaving) {
      event.preventDefault();
      text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
      number();
    }
    leaving = event.key === "Escape";
  });
  number();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-insert]");
  if (!link) return;
  event.preventDefault();
  const text = document.querySelector("[data-editor] textarea");
  const example = document.getElementById(link.dataset.insert).content.textContent;
  const before = text.value.trimEnd();
  text.value = before ? `${before}\n---\n${example}` : example;
  text.dispatchEvent(new Event("input"));
  text.focus();
});
