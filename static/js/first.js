// Runs before the page is there: a stored choice of light or dark must not flash, and nothing typed be missed.
const storedTheme = localStorage.getItem("everynode-theme");
if (storedTheme) document.documentElement.dataset.theme = storedTheme;

// A form into which somebody types no longer follows what others change.
document.addEventListener("input", ({ target }) => {
  if (target.form?.matches("form[data-live]")) target.form.dataset.touched = "";
});
