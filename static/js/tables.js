// A table is sorted where it stands: the head that was chosen keeps the focus, and the page its place. Without scripts, or when
// anything goes wrong, the link is followed.
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.sort");
    const part = link && link.closest("[id]");
    if (!part || part.id === "main" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const wanted = { source: link, target: part, select: "#" + CSS.escape(part.id), swap: "morph show:none", push: "true" };
    htmx.ajax("GET", link.href, wanted).catch(function () { location.assign(link.href); });
  });
})();
