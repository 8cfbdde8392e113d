// Small comforts. Every page does its work without them.
(function () {
  "use strict";
  var root = document.documentElement;
  var announcer = document.getElementById("announcer");
  function announce(text) { if (announcer) { announcer.textContent = ""; setTimeout(function () { announcer.textContent = text; }, 50); } }
  window.announce = announce;

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-toggle-theme]");
    if (theme) announce(theme.dataset[window.toggleTheme()]);
    var copy = event.target.closest("[data-copy]");
    if (copy) copyFrom(copy);
    var dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.parentNode.remove();
    if (event.target.closest("[data-toggle-menu]")) menu(!root.classList.contains("menu-open"));
    if (event.target.closest("[data-close-menu]")) menu(false);
    document.querySelectorAll("details.menu[open]").forEach(function (list) { if (!list.contains(event.target)) list.open = false; });
  });

  // The drawer of a phone: what lies behind it can't be reached while it is open.
  var button = document.querySelector("[data-toggle-menu]");
  function menu(open) {
    root.classList.toggle("menu-open", open);
    button.setAttribute("aria-expanded", String(open));
    document.getElementById("main").inert = open;
    if (!open) button.focus();
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach(function (list) { list.open = false; list.firstElementChild.focus(); });
    if (event.key === "Escape" && root.classList.contains("menu-open")) menu(false);
  });
  // A menu that the focus has left is done with; one that waits for its window to come back stays.
  document.addEventListener("focusout", function (event) {
    var list = event.target.closest("details.menu[open]");
    if (list && event.relatedTarget && !list.contains(event.relatedTarget)) list.open = false;
  });
  if (button) matchMedia("(min-width: 62rem)").addEventListener("change", function () {
    if (root.classList.contains("menu-open")) menu(false);
  });

  function copyFrom(button) {
    var source = document.getElementById(button.dataset.copy);
    navigator.clipboard.writeText(source.value || source.textContent.trim()).then(function () {
      button.classList.add("is-copied");
      announce(button.dataset.copied);
      setTimeout(function () { button.classList.remove("is-copied"); }, 2000);
    }, function () {
      // Not allowed (an insecure origin, say): select it, so that Ctrl+C does the rest.
      var range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    });
  }

  // One field proposes what another could be, until somebody writes there: of acme.example, acme.
  document.addEventListener("input", function (event) {
    var target = document.getElementById(event.target.dataset.suggests);
    if (!target) return;
    var before = target.dataset.suggested || "";
    if (target.value !== before) return;
    target.value = target.dataset.suggested = event.target.value.trim().toLowerCase().replace(/^www\./, "").split(".")[0].replace(/[^a-z0-9-]/g, "");
  });

  // What was refused is where the keyboard goes on.
  var wrong = document.querySelector("main [aria-invalid='true']");
  if (wrong) wrong.focus();

  // A form goes out once: a second click while it is on its way does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
})();
