// Instants in the reader's zone and language: "3 minutes ago", or day and minute; the exact time stays in the title.
// Days of contracts ([data-day]) are days in UTC wherever they are read, and stay as the server wrote them.
(function () {
  "use strict";
  // The page's language, as it is written where the reader lives; English without a country is written as the server writes it.
  var page = document.documentElement.lang;
  var language = navigator.languages.find(function (one) { return one.indexOf(page + "-") === 0 && one !== "en-US"; }) || (page === "en" ? "en-GB" : page);
  var chosen = document.documentElement.dataset.zone; // in "My account"; else the browser's
  var exact = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short", timeZone: chosen });
  var short = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: chosen });
  var relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  var units = [["day", 86400, 1800], ["hour", 3600, 30], ["minute", 60, .5], ["second", 1, 0]]; // the last: what rounds up to a whole one

  function ago(date) {
    var seconds = (date - Date.now()) / 1000;
    if (Math.abs(seconds) > 7 * 86400) return short.format(date);
    var unit = units.find(function (u) { return Math.abs(seconds) >= u[1] - u[2]; }) || units[3];
    return relative.format(Math.round(seconds / unit[1]), unit[0]);
  }
  var known = new WeakMap(); // what each element told when it was last said, so that a change costs what changed
  function say(time) {
    known.set(time, time.dateTime);
    var date = new Date(time.dateTime);
    var text = time.hasAttribute("data-relative") ? ago(date) : short.format(date);
    if (!time.title) time.title = exact.format(date);
    if (time.textContent !== text) time.textContent = text;
  }
  function all() { return document.querySelectorAll("time[data-relative], time[data-instant]"); }
  function sayAll() { all().forEach(say); }
  function sayNew() { all().forEach(function (time) { if (known.get(time) !== time.dateTime) say(time); }); }
  window.sayTimes = sayAll;
  sayAll();
  setInterval(sayAll, 30000);

  document.addEventListener("htmx:afterSwap", sayNew); // before anybody sees the exact time

  // What polls itself says aloud only what has changed. (htmx keeps the focus on elements that have an id.)
  var said = {};
  document.querySelectorAll("[data-said]").forEach(function (part) { said[part.id] = part.dataset.said; });
  document.addEventListener("htmx:afterSettle", function () {
    sayNew();
    document.querySelectorAll("[data-said]").forEach(function (part) {
      if (said[part.id] !== part.dataset.said) window.announce(said[part.id] = part.dataset.said);
    });
  });

  // The server draws the hours of a week in this zone from the next page on.
  var zone = chosen || Intl.DateTimeFormat().resolvedOptions().timeZone;
  var overTls = location.protocol === "https:", cookie = (overTls ? "__Host-" : "") + "cl_zone=" + zone;
  if (zone && document.cookie.indexOf(cookie) < 0) {
    document.cookie = cookie + "; path=/; max-age=31536000; samesite=lax" + (overTls ? "; secure" : "");
  }
})();
