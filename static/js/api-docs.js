// Swagger UI of this host's own document, with our own files and no foreign validator.
window.addEventListener("DOMContentLoaded", function () {
  var place = document.getElementById("api-docs");
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
});
