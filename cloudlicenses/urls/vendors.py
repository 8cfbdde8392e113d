"""The vendors' host: portal and API of software vendors."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from accounts.urls import vendors as accounts
from billing.urls import vendors as billing
from cloudlicenses.erasure.urls import vendors as erasure
from cloudlicenses.evidence.urls import vendors as evidence
from cloudlicenses.openapi.urls import vendors as openapi
from cloudlicenses.urls.pages import vendors as pages
from vendors.urls import vendors

handler400 = "cloudlicenses.web.problems.bad_request"
handler403 = "cloudlicenses.web.problems.forbidden"
handler404 = "cloudlicenses.web.problems.not_found"
handler500 = "cloudlicenses.web.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *billing,
    *vendors,
    *openapi,
    *evidence,
    *pages,
    *erasure,  # before team/<id>
    *accounts,
]
