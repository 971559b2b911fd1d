/** A form whose answer is a file: fetched here, so that the page learns when it came and shows what it changed. */

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-download]")) return;
  event.preventDefault();
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
  const name = /filename="([^"]+)"/.exec(response?.headers.get("Content-Disposition") ?? "")?.[1];
  if (!response?.ok || !name) {
    form.submit(); // the answer is a page, which says what is wrong
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  document.body.dispatchEvent(new CustomEvent("everynode:changed"));
});
