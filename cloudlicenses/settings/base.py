"""All settings, in reading order. Everything comes from the environment; docs/operations.md explains each name."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from pathlib import Path
from urllib.parse import unquote

from redis.backoff import NoBackoff
from redis.retry import Retry

from cloudlicenses.settings import env, verified
from cloudlicenses.settings.schemas import SHARED_APPS, TENANT_APPS

BASE_DIR = Path(__file__).resolve().parent.parent.parent
if not env.is_set("DATABASE_URL"):
    env.load_dotenv(
        BASE_DIR / ".local" / "running.env"
    )  # where a running `make run` has everything, for manage.py beside it
env.load_dotenv(BASE_DIR / ".env")

# --- Who we are -------------------------------------------------------------------------------------------------------
PORT = env.integer("PORT", 8000, least=1)
BASE_DOMAIN = env.text("BASE_DOMAIN", f"localhost:{PORT}").lower()
BASE_HOST = BASE_DOMAIN.rsplit(":", 1)[0]
IS_LOCAL = BASE_HOST == "localhost"
URL_SCHEME = "http" if IS_LOCAL else "https"
ALLOWED_HOSTS = ["*"]  # cloudlicenses.web.hosts answers 404 for every host that isn't ours, custom domains included
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # as far as web/requests.py lets it through
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", besides="unix")
TRUSTS_SOCKET = "unix" in env.words(
    "TRUSTED_PROXIES"
)  # whoever may open the socket that we listen at is a proxy of ours

# --- Secrets ----------------------------------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key for key in env.text("SECRET_KEY_FALLBACKS", "").split(",") if key]
MASTER_KEYS = env.key_list("MASTER_KEY")
DATA_KEY_DAYS = env.integer(
    "DATA_KEY_DAYS", 365
)  # so old, a data key is rotated by itself; 0: only when somebody says so

# --- Apps -------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL -------------------------------------------------------------------------------------------------------
# DATABASE_URL is the owner: it migrates and creates schemas. What serves requests signs in as a role that owns nothing,
# made by `manage.py prepare_database`; docs/decisions/0002 says what that guards against.
_database = env.url("DATABASE_URL", {"postgres", "postgresql"})
_database_name = unquote(_database.path.lstrip("/"))
if not _database_name:
    raise env.ConfigurationError("DATABASE_URL", "must name a database: postgresql://user:password@host:port/name.")
DATABASE_ROLE_PREFIX = "cl_" + hashlib.sha256(_database_name.encode()).hexdigest()[:8]
DATABASE_OWNER = {"USER": unquote(_database.username or ""), "PASSWORD": unquote(_database.password or "")}
DATABASE_LOGIN = {
    "USER": f"{DATABASE_ROLE_PREFIX}_app",
    "PASSWORD": hmac.new(SECRET_KEY.encode(), b"database login", "sha256").hexdigest(),
}
_query = {
    name: unquote(value) for name, _, value in (part.partition("=") for part in _database.query.split("&")) if value
}
_hosts = _query.pop("host", "") or unquote(_database.hostname or "")
if not IS_LOCAL:
    verified.refuse_unverified_database(_hosts, _query)
DATABASES = {
    "default": {
        "ENGINE": "tenants.backend",
        "NAME": _database_name,
        "HOST": _hosts,
        "PORT": str(_database.port or ""),
        **DATABASE_LOGIN,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # they could carry a second statement, and break behind poolers
        "OPTIONS": {"connect_timeout": 5, **_query},
        "TEST": {"MIGRATE": False},
    }
}
STATEMENT_SECONDS = env.integer("STATEMENT_SECONDS", 30, least=1)  # of the role that serves requests, set by a deploy
JOB_STATEMENT_SECONDS = env.integer("JOB_STATEMENT_SECONDS", 600, least=1)  # cloudlicenses/kit/patience.py

# --- Valkey -----------------------------------------------------------------------------------------------------------
_valkey = env.url("REDIS_URL", {"redis", "rediss", "unix"})
if not IS_LOCAL:
    verified.refuse_unverified_valkey(_valkey)
REDIS_URL = _valkey.geturl()
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if _valkey.scheme == "rediss" else None
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cl",
        # A Valkey that hangs must not hang those who can do without it.
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 1)},
    }
}

# --- Requests ---------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "cloudlicenses.urls.apex"
WSGI_APPLICATION = "cloudlicenses.wsgi.application"
MIDDLEWARE = [
    "cloudlicenses.web.requests.RequestContextMiddleware",
    "cloudlicenses.web.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cloudlicenses.web.csp.ContentSecurityPolicyMiddleware",
    "cloudlicenses.web.permissions.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cloudlicenses.web.packing.PackedPagesMiddleware",
    "tenants.hosts.HostMiddleware",
    "cloudlicenses.web.problems.ProblemMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cloudlicenses.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.faces.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cloudlicenses.web.access.DenyUndeclaredMiddleware",
]
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
LARGEST_UPLOAD = 2 * 1024 * 1024  # of a form with a file in it, whole
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "cloudlicenses.web.pages.site",
                "vendors.faces.portal",
            ],
            "libraries": {"i18n": "cloudlicenses.web.templatetags.said_once"},
        },
    }
]

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.EmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ["email", "name"]}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.guessing.HardToGuessValidator"},
    {"NAME": "accounts.familiar.FamiliarWordsValidator"},
]  # fmt: skip
LOGIN_URL = "/login"
INVITATION_HOURS = 72
RESET_MINUTES = 60
CONFIRMED_MINUTES = 15  # for so long after a password or second factor, dangerous acts need no other
OPERATORS_NEED_SECOND_FACTOR = not IS_LOCAL
SECOND_FACTOR_FOR = env.choice("SECOND_FACTOR_FOR", "roles" if IS_LOCAL else "everybody", {"everybody", "roles"})

# --- Tenants ----------------------------------------------------------------------------------------------------------
KEY_PROOF = "licensing.door.prove"  # a name, since it stands above `keys`
PRODUCT_NAMES = "licensing.queries.product_names"  # likewise
ONBOARDING_STEPS = "cloudlicenses.wiring.ONBOARDING_STEPS"  # a name, since the steps belong to apps above `tenants`
PLAN_RATES = env.numbers_by_name(
    "PLAN_RATES",
    names={"free", "startup", "professional", "enterprise"},
    members={"checkouts_per_minute", "requests_per_hour", "tenant_requests_per_minute"},
)
LEAK_REPORTS_PER_MINUTE = env.integer("LEAK_REPORTS_PER_MINUTE", 60, least=1)  # from one address
REGISTRATIONS_PER_HOUR = env.integer("REGISTRATIONS_PER_HOUR", 1000 if IS_LOCAL else 30, least=1)  # from one address

# --- Cookies and headers ----------------------------------------------------------------------------------------------
SESSION_ENGINE = "accounts.sessions"
COOKIE_PREFIX = "" if IS_LOCAL else "__Host-"  # browsers take such a cookie from its own host alone, and over TLS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}cl_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}cl_csrf"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}cl_device"
SESSION_COOKIE_AGE = 12 * 3600  # unused for so long, it ends
SESSION_LONGEST_DAYS = 14  # and, used or not, after so long
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_LOCAL
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not IS_LOCAL
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "cloudlicenses.web.problems.form_expired"
MESSAGE_STORAGE = "cloudlicenses.web.messages.HostCookieStorage"  # signed, host-only, gone when shown

# --- Language and time ------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True

# --- Static files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static", ("guides", BASE_DIR / "docs" / "images")]
WHITENOISE_USE_FINDERS = IS_LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT.is_dir()
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- The API ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["cloudlicenses.web.access.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["cloudlicenses.web.json.MoneyJSONRenderer"],
    "URL_FORMAT_OVERRIDE": None,  # `?format=` belongs to the billing export
    "DEFAULT_PARSER_CLASSES": ["cloudlicenses.web.json.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "cloudlicenses.openapi.operations.OperationSchema",
    "EXCEPTION_HANDLER": "cloudlicenses.web.problems.drf_exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
}
SPECTACULAR_SETTINGS = {  # cloudlicenses.openapi makes one document for each kind of host out of it
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
    "DISABLE_ERRORS_AND_WARNINGS": False,
}

# --- Mail -------------------------------------------------------------------------------------------------------------
_mail = env.url("EMAIL_URL", {"smtp", "smtps", "smtp+tls"}, "smtp://127.0.0.1:25")
if not IS_LOCAL:
    verified.refuse_unverified_mail(_mail)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail.hostname or "127.0.0.1"
EMAIL_PORT = _mail.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[_mail.scheme]
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"CloudLicenses <no-reply@{BASE_HOST}>")
MAIL_SINK_DIR = env.text("MAIL_SINK_DIR", "")  # set by `make run` alone: where /dev/mail reads

# --- DNS proof, webhooks and alerts, leases --------------------------------------------------------------------------------------
DNS_RESOLVERS = env.addresses("DNS_RESOLVERS")
WEBHOOKS_ALLOW_PRIVATE = env.boolean("WEBHOOKS_ALLOW_PRIVATE")
SLACK_BASE_URL = env.url("SLACK_BASE_URL", {"https", "http"}, "https://hooks.slack.com").geturl().rstrip("/")
PAGERDUTY_BASE_URL = (
    env.url("PAGERDUTY_BASE_URL", {"https", "http"}, "https://events.pagerduty.com").geturl().rstrip("/")
)
LEASE_TTL_SECONDS = env.integer("LEASE_TTL_SECONDS", 900, least=1)
HEARTBEAT_SECONDS = env.integer("HEARTBEAT_SECONDS", 300, least=1)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")

# --- Logs -------------------------------------------------------------------------------------------------------------
LOG_FORMAT = env.choice("LOG_FORMAT", "console" if IS_LOCAL else "json", {"json", "console"})
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})
LOGGING_CONFIG = "cloudlicenses.web.logs.configure"
LOG_PATH = env.text("LOG_PATH", "")  # what deploy/logs takes away; every process writes to the same
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL, "file": LOG_PATH}

# --- Background work --------------------------------------------------------------------------------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

DEBUG = False
# Elsewhere too, HTTP is sent to HTTPS by the proxy that ends TLS (W008), and a place on browsers' preload lists is the
# operator's to ask for (W021). `i18n` is Django's with one tag of our own, on purpose (W003; TEMPLATES).
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W021", "templates.W003"] + (
    ["security.W004", "security.W012", "security.W016"] if IS_LOCAL else []
)
