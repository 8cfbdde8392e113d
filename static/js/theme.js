// Runs before the first paint: light or dark as chosen here, else as the system says. No flash, no cookie.
(function () {
  var root = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function chosen() { try { return localStorage.getItem("theme"); } catch (e) { return null; } }
  function apply() { root.setAttribute("data-bs-theme", chosen() || (dark.matches ? "dark" : "light")); }
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
    root.setAttribute("data-bs-theme", next);
    return next;
  };
})();
