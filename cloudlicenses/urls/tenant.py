"""A tenant's host: the customer's dashboard, and its API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from accounts.urls import tenant as accounts
from alerts.urls import tenant as alerts
from applications.urls import tenant as applications
from audit.urls import tenant as audit
from billing.urls import tenant as billing
from certificates.urls import tenant as certificates
from cloudlicenses.certificates.urls import tenant as certificates_api
from cloudlicenses.erasure.urls import tenant as erasure
from cloudlicenses.evidence.urls import tenant as evidence
from cloudlicenses.openapi.urls import tenant as openapi
from cloudlicenses.urls.pages import tenant as pages
from cloudlicenses.users.urls import tenant as users
from insight.urls import tenant as insight
from keys.urls import tenant as keys
from licensing.urls import tenant as licensing
from vendors.urls import tenant as vendors

handler400 = "cloudlicenses.web.problems.bad_request"
handler403 = "cloudlicenses.web.problems.forbidden"
handler404 = "cloudlicenses.web.problems.not_found"
handler500 = "cloudlicenses.web.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *insight,
    *billing,
    *keys,
    *certificates,
    *certificates_api,
    *alerts,
    *applications,
    *licensing,
    *vendors,
    *openapi,
    *evidence,
    *pages,
    *erasure,  # before users/<id>
    *accounts,
    *users,
    *audit,
]
