// Pages that follow what happens. docs/pages.md says how a page asks for it:
//
//   <section id="seats" data-live="checkout return expire" hx-get="…" hx-trigger="live" hx-swap="morph">
//
// On a matching event the fragment is fetched again, at most about once a second, and morphed into place: what did not change is not
// touched, so focus, selection, scroll position, open menus and half-typed fields stay. Nothing is fetched while nobody looks.
(function () {
  "use strict";
  const MOST_OFTEN = 1000;
  const POLLED_EVERY = 15000;
  const sign = document.getElementById("live-state");
  const fragments = new Map(); // by id: how it stands with each
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let isOver = false;

  // --- What to fetch, and when ---------------------------------------------------------------------------------------
  function every() { return document.querySelectorAll("[data-live][id]"); }
  function stateOf(part) {
    if (!fragments.has(part.id)) fragments.set(part.id, { id: part.id, wanted: false, busy: 0, timer: 0, notBefore: 0 });
    return fragments.get(part.id);
  }
  function happened(type, data) {
    every().forEach(function (part) {
      const license = part.dataset.liveLicense;
      if (!part.dataset.live.split(" ").includes(type)) return;
      if (license && data.license_id && data.license_id !== license) return;
      want(part);
    });
  }
  function want(part) {
    const own = stateOf(part);
    own.wanted = true;
    plan(own);
  }
  function wantAll() { every().forEach(want); }
  function plan(own) {
    if (!own.wanted || own.busy || own.timer || document.hidden || isOver) return;
    // A little chance, so that everybody who looks at the same page does not ask in the same instant.
    const wait = Math.max(40 + 160 * Math.random(), own.notBefore - performance.now());
    own.timer = setTimeout(function () { own.timer = 0; fetchNow(own); }, wait);
  }
  function fetchNow(own) {
    const part = document.getElementById(own.id);
    if (!part || document.hidden) return;
    own.wanted = false;
    own.busy = performance.now();
    htmx.trigger(part, "live");
  }
  document.addEventListener("htmx:afterRequest", function (event) {
    const own = event.detail.elt.id && fragments.get(event.detail.elt.id);
    if (!own || !own.busy) return;
    const took = performance.now() - own.busy;
    own.busy = 0;
    // A server that is slow, or says no, is asked less often.
    own.notBefore = performance.now() + (event.detail.successful ? Math.max(MOST_OFTEN - took, 4 * took) : 5 * MOST_OFTEN);
    own.wanted = own.wanted || !event.detail.successful;
    plan(own);
  });
  // Blanks between rows would be matched with each other, and every row behind a new one be taken out and put back.
  document.querySelectorAll("[data-live] tbody").forEach(function (body) {
    Array.from(body.childNodes).forEach(function (node) { if (node.nodeType === Node.TEXT_NODE) node.remove(); });
  });
  // A table that was sorted or turned meanwhile goes on from where it is now.
  function isOfThisPage(address) { return new URL(address, location.href).pathname === location.pathname; }
  function addressNow() { return location.pathname + location.search; }
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.elt.matches("[data-live]") && isOfThisPage(event.detail.path)) event.detail.path = addressNow();
  });
  let isFollowing = false;
  document.addEventListener("htmx:beforeSwap", function (event) {
    event.detail.serverResponse = event.detail.serverResponse.replace(/(<tbody[^>]*>|<\/tr>)\s+(?=<)/g, "$1");
    const part = event.detail.elt, asked = event.detail.pathInfo.requestPath;
    isFollowing = part.matches("[data-live]") && part === event.detail.requestConfig.elt;
    if (!part.matches("[data-live]")) return;
    if (isFollowing && isOfThisPage(asked) && asked !== addressNow()) {
      event.detail.shouldSwap = false;
      want(part);
      return;
    }
    // Led elsewhere: the session has ended. The page stays as it is, with whatever is being typed.
    if (new URL(event.detail.xhr.responseURL).pathname !== new URL(asked, location.href).pathname) {
      event.detail.shouldSwap = false;
      isOver = true;
      show("ended");
    }
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) fragments.forEach(plan); });

  // --- What a morph leaves alone -------------------------------------------------------------------------------------
  const CONTROLS = ["INPUT", "TEXTAREA", "SELECT"];
  const counted = [];
  function isTouched(control) {
    if (control.nodeName === "SELECT") return Array.from(control.options).some(function (o) { return o.selected !== o.defaultSelected; });
    return control.value !== control.defaultValue || control.checked !== control.defaultChecked;
  }
  Object.assign(Idiomorph.defaults, { ignoreActiveValue: true });
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: function (old, fresh) {
      if (old.nodeType !== Node.ELEMENT_NODE) return;
      if (old.nodeName === "TIME" && old.hasAttribute("data-relative") && old.dateTime === fresh.dateTime) return false;
      if (CONTROLS.includes(old.nodeName) && isTouched(old)) return false;
      if (old.hasAttribute("data-count") && old.textContent !== fresh.textContent) counted.push([old, old.textContent]);
    },
    beforeAttributeUpdated: function (name, part) {
      if (name === "open" && (part.nodeName === "DETAILS" || part.nodeName === "DIALOG")) return false;
    },
    afterNodeAdded: function (fresh) {
      if (isFollowing && fresh.nodeName === "TR") fresh.classList.add("is-new");
    },
  });

  // --- Numbers that run to their new value ---------------------------------------------------------------------------
  document.addEventListener("htmx:afterSwap", function () {
    counted.splice(0).forEach(function (pair) { run(pair[0], pair[1]); });
  });
  const grouped = new Intl.NumberFormat(document.documentElement.lang);
  function whole(text) { return /^\s*\d[\d.,\s]*$/.test(text) ? Number(text.replace(/\D/g, "")) : null; } // 12,400 or 12.400
  function run(part, before) {
    const after = part.textContent, from = whole(before), to = whole(after), begun = performance.now();
    part.classList.remove("is-changed");
    requestAnimationFrame(function () { part.classList.add("is-changed"); });
    if (still.matches || from === null || to === null) return;
    part.running = begun;
    (function step(now) {
      if (part.running !== begun) return;
      const share = Math.min(1, Math.max(0, (now - begun) / 400));
      part.textContent = share < 1 ? grouped.format(Math.round(from + (to - from) * share * (2 - share))) : after;
      if (share < 1) requestAnimationFrame(step);
    })(begun);
  }

  // --- Where it comes from -------------------------------------------------------------------------------------------
  function show(state) {
    document.documentElement.dataset.live = state;
    if (!sign || (isOver && state !== "ended")) return;
    sign.hidden = false;
    sign.dataset.state = state;
    sign.querySelector("span").textContent = sign.dataset["when" + state[0].toUpperCase() + state.slice(1)];
  }
  let polling = 0;
  function poll(isOn) {
    if (isOn && !polling) polling = setInterval(wantAll, POLLED_EVERY);
    if (!isOn) { clearInterval(polling); polling = 0; }
  }
  if (!every().length) return;
  if (!sign || !sign.dataset.stream || !window.EventSource) { show("polling"); poll(true); return; }
  window.followEvents({
    url: sign.dataset.stream,
    since: sign.dataset.since,
    onEvent: happened,
    onGap: wantAll,
    onState: function (state) {
      if (polling && state === "live") wantAll(); // what happened since it was last asked for
      show(state);
      poll(state === "polling");
    },
  });
})();
