// Passkeys: <form data-passkey="get|create" data-question="/…" action="/…"> with a hidden field `answer`. The question is fetched,
// put to the device, and its answer sent with the form. Without scripts, or in a browser that can't, such forms stay hidden.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) {
    document.querySelectorAll(".passkey-unable").forEach(function (note) { note.classList.add("is-true"); });
    return;
  }
  var forms = document.querySelectorAll("form[data-passkey]");
  forms.forEach(function (form) { form.hidden = false; });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-passkey]") || form.elements.answer.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.ariaBusy === "true") return; // the device shows one question at a time
    form.ariaBusy = "true";
    notes(form).forEach(function (note) { note.hidden = true; });
    ask(form).then(function (answer) {
      form.elements.answer.value = JSON.stringify(answer);
      form.requestSubmit();
    }).catch(function (error) {
      form.ariaBusy = "false";
      if (error.message !== "elsewhere") complain(form, error.name);
    });
  }, true);

  function ask(form) {
    var body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    return fetch(form.dataset.question, { method: "POST", body: body }).then(function (answer) {
      if (answer.redirected) { // it must be proved again who is there
        var proof = new URL(answer.url);
        proof.searchParams.set("next", location.pathname);
        location.assign(proof);
        throw new Error("elsewhere");
      }
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.json();
    }).then(function (question) {
      var options = question.publicKey;
      return form.dataset.passkey === "create" ? create(options) : get(options);
    });
  }

  function create(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    (options.excludeCredentials || []).forEach(function (one) { one.id = bytes(one.id); });
    return navigator.credentials.create({ publicKey: options }).then(function (made) {
      return described(made, { clientDataJSON: made.response.clientDataJSON, attestationObject: made.response.attestationObject });
    });
  }

  function get(options) {
    options.challenge = bytes(options.challenge);
    (options.allowCredentials || []).forEach(function (one) { one.id = bytes(one.id); });
    return navigator.credentials.get({ publicKey: options }).then(function (found) {
      var said = found.response;
      return described(found, { clientDataJSON: said.clientDataJSON, authenticatorData: said.authenticatorData, signature: said.signature, userHandle: said.userHandle });
    });
  }

  function described(credential, response) {
    Object.keys(response).forEach(function (name) { response[name] = response[name] ? text(response[name]) : undefined; });
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response, clientExtensionResults: {} };
  }

  function notes(form) { return form.querySelectorAll("[data-passkey-failed]"); }

  // The browser's own name of what went wrong has words of its own on the page, or the usual ones.
  function complain(form, name) {
    var note = form.querySelector('[data-passkey-failed="' + name + '"]') || notes(form)[0];
    note.hidden = false;
    window.announce(note.textContent.trim());
  }

  function bytes(base64url) {
    var plain = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (character) { return character.charCodeAt(0); });
  }
  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
})();
