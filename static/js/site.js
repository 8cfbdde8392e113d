// Small comforts. Every page does its work without them.
(function () {
  "use strict";
  var announcer = document.getElementById("announcer");
  function announce(text) { if (announcer) { announcer.textContent = ""; setTimeout(function () { announcer.textContent = text; }, 50); } }

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-toggle-theme]");
    if (theme) announce(theme.dataset[window.toggleTheme()]);

    var menu = event.target.closest("[data-toggle-menu]");
    if (menu) {
      var open = document.documentElement.classList.toggle("menu-open");
      menu.setAttribute("aria-expanded", String(open));
    }

    var copy = event.target.closest("[data-copy]");
    if (copy) copyFrom(copy);
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

  // A form goes out once: a second click while it is on its way does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // "3 minutes ago" beside the exact time, which stays in the title.
  var units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  function relative(root) {
    var format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
    root.querySelectorAll("time[data-relative]").forEach(function (time) {
      var seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      if (Math.abs(seconds) > 7 * 86400) return;
      var unit = units.find(function (u) { return Math.abs(seconds) >= u[1]; }) || units[3];
      time.title = time.title || time.textContent.trim();
      time.textContent = format.format(Math.round(seconds / unit[1]), unit[0]);
    });
  }
  relative(document);
  setInterval(function () { relative(document); }, 30000);
  document.addEventListener("htmx:afterSwap", function () { relative(document); });  // before anybody sees the exact time

  // What polls itself says aloud only what has changed. (htmx keeps the focus on elements that have an id.)
  var said = {};
  document.querySelectorAll("[data-said]").forEach(function (part) { said[part.id] = part.dataset.said; });
  document.addEventListener("htmx:afterSettle", function () {
    relative(document);
    document.querySelectorAll("[data-said]").forEach(function (part) {
      if (said[part.id] !== part.dataset.said) announce(said[part.id] = part.dataset.said);
    });
  });
})();
