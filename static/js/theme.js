// Runs before the first paint: light or dark as chosen here, else as the system says. No flash, no cookie.
(function () {
  var root = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function chosen() { try { return localStorage.getItem("theme"); } catch (e) { return null; } }
  function paint(theme) {
    root.setAttribute("data-bs-theme", theme);
    root.classList.toggle("dark-mode", theme === "dark"); // what Swagger UI goes by
  }
  function apply() { paint(chosen() || (dark.matches ? "dark" : "light")); }
  root.classList.add("has-js");
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  apply();
  window.toggleTheme = function () {
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try {
      // Choosing what the system says anyway means following it again.
      if (next === (dark.matches ? "dark" : "light")) localStorage.removeItem("theme"); else localStorage.setItem("theme", next);
    } catch (e) { /* a browser without storage forgets the choice with the page */ }
    paint(next);
    return next;
  };
})();
