"""The apex host: the public site, sign-up, the operator's pages; probes and figures on every host."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from accounts.urls import apex as accounts
from cloudlicenses.evidence.urls import apex as evidence
from cloudlicenses.observation.urls import apex as observation
from cloudlicenses.openapi.urls import apex as openapi
from cloudlicenses.rotation.urls import apex as rotation
from cloudlicenses.urls.pages import apex as pages
from keys.urls import apex as keys
from tenants.urls import apex as tenants
from vendors.urls import apex as vendors

handler400 = "cloudlicenses.web.problems.bad_request"
handler403 = "cloudlicenses.web.problems.forbidden"
handler404 = "cloudlicenses.web.problems.not_found"
handler500 = "cloudlicenses.web.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *observation,
    *tenants,
    *rotation,
    *keys,
    *openapi,
    *evidence,
    *pages,
    *accounts,
    *vendors,
]
