// Runs before the first paint, so that a stored choice of light or dark does not flash.
const storedTheme = localStorage.getItem("everynode-theme");
if (storedTheme) document.documentElement.dataset.theme = storedTheme;
