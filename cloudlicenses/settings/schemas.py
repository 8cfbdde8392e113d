"""Which app's tables live where. An app in both lists has tables of its own in `public` and in every tenant's schema."""

SHARED_APPS = [
    "django_tenants",  # must come first, says its documentation
    "django.contrib.contenttypes",  # required by auth
    "django.contrib.auth",  # password hashing and the sign-in machinery; its own user tables are not used
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # Swagger UI's files
    "cloudlicenses.sealing",  # data keys of the platform, of tenants and of vendors
    "cloudlicenses.web",  # idempotent answers
    "cloudlicenses.access",  # the command that prints who may come in where
    "cloudlicenses.openapi",  # the command that writes the documents
    "cloudlicenses.demo",  # commands that fill an empty platform with made-up data
    "cloudlicenses.rotation",  # the command that takes a new master key into use
    "cloudlicenses.erasure",  # who is to be forgotten, of all tenants: one table to ask "what is to be done?"
    "audit",  # what operators and vendors did
    "alerts.watch",  # which tenant is due to be looked at, of all tenants: likewise
    "audit.outbox",  # what still has to be announced, of all tenants: one table to ask "what is due?"
    "audit.seals",  # which logs are due to be sealed, likewise
    "tenants",
    "accounts",  # operators and vendor staff, and their sessions
    "keys",  # vendor keys, signing keys of vendors
    "applications.signing",  # what vendors' applications sign with
    "licensing.deciding",  # the seat rule's decisions, one copy for all tenants
    "vendors",
    "billing",  # the ledger must survive dropping a tenant
]

TENANT_APPS = [
    "cloudlicenses.web",
    "audit",
    "accounts",  # a tenant's people are not a vendor's people, and their sessions are known nowhere else
    "certificates",  # authorities and client certificates of a tenant
    "keys",
    "applications",
    "licensing",
    "alerts",
]
