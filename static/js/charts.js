// What a chart says where the pointer is. The same numbers stand in the table below it.
(function () {
  "use strict";
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  document.addEventListener("pointerover", function (event) {
    var spot = event.target.closest && event.target.closest("[data-tip]");
    if (!spot) { tip.remove(); return; }
    tip.textContent = spot.dataset.tip;
    document.body.append(tip);
    var box = spot.getBoundingClientRect();
    var half = tip.offsetWidth / 2;
    var x = Math.min(Math.max(box.left + box.width / 2, half + 8), document.documentElement.clientWidth - half - 8);
    tip.style.left = x - half + "px";
    tip.style.top = Math.max(8, box.top - tip.offsetHeight - 8) + "px";
  });
  document.addEventListener("scroll", function () { tip.remove(); }, true);
})();
