// The API's reference: what can be asked is on the page; Swagger UI takes its place when somebody wants to try it, and is
// loaded only then (it is larger than all else together). With our own files, this host's own document, no foreign validator.
(function () {
  var place = document.getElementById("api-docs");
  var state = document.getElementById("api-docs-state");
  var ours = document.querySelector("link[href*='api-docs']");
  var isAsked = false;

  function add(tag, facts) {
    return new Promise(function (resolve, reject) {
      var element = Object.assign(document.createElement(tag), facts);
      element.addEventListener("load", resolve);
      element.addEventListener("error", reject);
      ours.before(element); // our style sheet has the last word
    });
  }

  function show() {
    document.querySelector("a[href='#/']").hidden = true;
    window.SwaggerUIBundle({
      url: place.dataset.document,
      domNode: place,
      deepLinking: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      docExpansion: "list",
      validatorUrl: null,
      requestInterceptor: function (request) {
        // A signed-in person tries things out with their session, which needs the page's token.
        var token = document.cookie.match(/(?:^|; )(?:__Host-)?cl_csrf=([^;]+)/);
        if (token && request.method !== "GET") request.headers["X-CSRFToken"] = token[1];
        return request;
      },
    });
  }

  function open() {
    if (isAsked || !location.hash.startsWith("#/")) return;
    isAsked = true;
    state.textContent = place.dataset.loading;
    Promise.all([
      add("link", { rel: "stylesheet", href: place.dataset.style }),
      add("script", { src: place.dataset.program }),
    ]).then(show, function () {
      isAsked = false;
      state.textContent = place.dataset.failed;
    });
  }

  document.querySelector("a[href='#/']").hidden = false;
  window.addEventListener("hashchange", open);
  open();
})();
