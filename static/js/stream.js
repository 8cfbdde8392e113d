// The event stream of this host, one connection for all of a browser's tabs.
//
//   followEvents({ url, since, onEvent(type, data), onState(state), onGap() })
//
// A tab that is seen asks for the lock; the one that gets it holds the connection and tells the others what it hears. When it goes,
// the next one goes on behind the last event that anybody heard. A dropped connection comes back by itself and catches up
// (`Last-Event-ID`); when it can't, `onGap` says that something may have been missed. States: live, connecting, polling, paused.
window.followEvents = (function () {
  "use strict";
  const TYPES = [
    "checkout", "return", "expire", "denial", "alert", "license",               // a tenant's
    "usage", "customer", "product", "bill", "key", "webhook", "delivery",       // a vendor's, and its licenses
  ];
  const FAILURES_UNTIL_POLLING = 3;
  const LONGEST_PAUSE = 60000;
  const HIDDEN_UNTIL_PAUSED = 30000;

  return function (options) {
    const canShare = "locks" in navigator && "BroadcastChannel" in window;
    const channel = canShare ? new BroadcastChannel("events of " + options.url) : null;
    let source = null, last = "", failures = 0, state = "", release = null, isAsking = false, timer = 0, pauseTimer = 0, wasPaused = false;

    function say(next) {
      if (state !== next) options.onState(state = next);
      if (source || release) tell({ state: next });
    }
    function tell(message) { if (channel) channel.postMessage(message); }

    function open() {
      clearTimeout(timer);
      const from = last ? "last_event_id=" + encodeURIComponent(last) : "since=" + encodeURIComponent(options.since);
      source = new EventSource(options.url + "?brief=true&" + from);
      source.onopen = function () { failures = 0; say("live"); };
      source.onerror = failed;
      TYPES.forEach(function (type) { source.addEventListener(type, hear); });
      source.addEventListener("reset", hear);
      say("connecting");
    }
    function hear(event) {
      const message = { type: event.type, id: event.lastEventId, data: JSON.parse(event.data) };
      tell(message);
      take(message);
    }
    function take(message) {
      last = message.id || last;
      if (message.type === "reset") options.onGap(); else options.onEvent(message.type, message.data);
    }
    function failed() {
      failures += 1;
      say(failures < FAILURES_UNTIL_POLLING ? "connecting" : "polling");
      // While the browser tries again by itself, let it; after an answer that was no stream (503, say) it gives up, and we go on.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(function () { close(); open(); }, Math.min(LONGEST_PAUSE, 1000 * 2 ** failures) * (0.5 + Math.random()));
    }
    function close() {
      clearTimeout(timer);
      if (source) source.close();
      source = null;
    }

    function start() {
      if (document.hidden || source) return;
      if (!canShare) { open(); return; }
      tell({ hello: true });
      if (isAsking) return;
      isAsking = true;
      if (!state) say("connecting");
      navigator.locks.request(channel.name, function () {
        isAsking = false;
        if (document.hidden) return;
        return new Promise(function (resolve) { release = resolve; open(); });
      });
    }
    function stop() {
      close();
      if (release) release();
      release = null;
      wasPaused = true;
      options.onState(state = "paused");
    }

    if (channel) channel.onmessage = function (message) {
      const told = message.data;
      if (told.hello) { if (source) tell({ state: state }); }
      else if (told.state) { if (!source) options.onState(state = told.state); }
      else take(told);
    };
    document.addEventListener("visibilitychange", function () {
      clearTimeout(pauseTimer);
      if (document.hidden) { pauseTimer = setTimeout(stop, HIDDEN_UNTIL_PAUSED); return; }
      if (wasPaused) { wasPaused = false; options.onGap(); }
      start();
    });
    window.addEventListener("pagehide", function () { close(); if (release) release(); release = null; });
    window.addEventListener("pageshow", function (event) { if (event.persisted) { options.onGap(); start(); } });
    start();
  };
})();
