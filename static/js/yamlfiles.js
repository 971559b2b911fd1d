/** Files and examples that are put into a text. What was typed is never lost: Undo brings it back. */

const MOST = 1024 * 1024;

/** Take files that are chosen beside an editor or dropped on it, and examples that are offered. */
export function takeFiles(place, editor, words) {
  const field = place.closest("form").querySelector("input[type=file]");
  const [faults, told] = ["[data-upload-faults]", "[data-taken]"].map((one) => place.querySelector(one));
  const take = async (file) => {
    faults.replaceChildren();
    told.textContent = "";
    try {
      editor.add(await read(file));
      told.textContent = words.loaded.replace("{name}", file.name);
    } catch (fault) {
      const list = document.createElement("ul");
      list.className = "faults";
      list.appendChild(document.createElement("li")).textContent = words[fault.message].replace("{name}", file.name);
      faults.append(list);
    }
  };

  field?.addEventListener("change", () => {
    const [file] = field.files;
    field.value = "";  // the text is what is sent
    if (file) take(file);
  });

  const target = place.querySelector(".editor-view");
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  target.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    target.dataset.dropping = "";
  });
  target.addEventListener("dragleave", () => delete target.dataset.dropping);
  target.addEventListener("drop", (event) => {
    delete target.dataset.dropping;
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    take(file);
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-insert]");
    if (!link) return;
    event.preventDefault();
    editor.add(document.getElementById(link.dataset.insert).content.textContent);
  });
}

/** The text of a file. Throws the name of what to say if it is too large or no text. */
async function read(file) {
  if (file.size > MOST) throw new Error("tooLarge");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error("noText");
  }
}
