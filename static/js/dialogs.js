// A link with data-dialog leads to a page that asks (templates/confirm.html). Here its question opens over the present page;
// without scripts, or when anything goes wrong, the link is followed.
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(link); }
    var close = event.target.closest("dialog [data-close-dialog]");
    if (close) { event.preventDefault(); close.closest("dialog").close(); }
    if (event.target.nodeName === "DIALOG") event.target.close();
  });

  function open(link) {
    fetch(link.href, { headers: { Accept: "text/html" } }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      return answer.text();
    }).then(function (text) {
      var question = new DOMParser().parseFromString(text, "text/html").querySelector(".confirm");
      show(question, link);
    }).catch(function () { location.assign(link.href); });
  }

  function show(question, link) {
    var dialog = document.createElement("dialog");
    var title = question.querySelector("h1");
    title.id = "dialog-title";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.className = "dialog";
    dialog.append(question);
    document.body.append(dialog);
    dialog.addEventListener("close", function () { dialog.remove(); link.focus(); });
    dialog.showModal();
    question.querySelector("[data-close-dialog]").focus(); // what changes nothing has the focus first
  }
})();
