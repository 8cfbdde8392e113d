// A table is sorted, and its pages are turned, where it stands: what was chosen keeps the focus, the address goes into the history,
// and what the table shows now is read out. Without scripts, or when anything goes wrong, the link is followed.
(function () {
  "use strict";
  const LINKS = "a.sort, .pager a";
  document.addEventListener("click", function (event) {
    const link = event.target.closest(LINKS);
    const part = link && link.parentNode.closest("[id]");
    if (!part || part.id === "main" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const isTurn = link.matches(".pager a"), byPointer = event.detail > 0;
    const wanted = { source: link, target: part, select: "#" + CSS.escape(part.id), swap: "morph show:none", push: "true" };
    htmx.ajax("GET", link.href, wanted).then(function () {
      const shown = document.getElementById(part.id);
      if (isTurn) turned(shown, byPointer);
      const told = shown.querySelector(isTurn ? ".pager" : "[aria-sort] .sort");
      if (told) window.announce(told.dataset.told);
    }).catch(function () { location.assign(link.href); });
  });

  // Where the chosen link is no more, on the last page say, the keyboard goes on from the one that is left. Whoever points begins to
  // read above; whoever types stays where the focus is seen.
  function turned(part, byPointer) {
    const left = part.querySelectorAll(".pager a");
    if (left.length && !part.contains(document.activeElement)) left[left.length - 1].focus({ preventScroll: true });
    if (byPointer && part.getBoundingClientRect().top < 0) part.scrollIntoView();
  }

  // What is no such page (the session has ended, a cursor is too old) is shown whole, as if the link had been followed.
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    const link = event.detail.elt, answer = event.detail.xhr;
    if (!link.matches(LINKS)) return;
    if (answer.status === 200 && new URL(answer.responseURL).pathname === new URL(link.href).pathname) return;
    event.preventDefault();
    location.assign(link.href);
  });
})();
