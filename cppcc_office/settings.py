"""Settings: one file, typed readers of the environment, safe defaults.

Without any variable set, it is the embedded office: SQLite and one background process.
With DATABASE_URL and REDIS_URL it is PostgreSQL and Redis, worker and beat apart.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

BASE_DIR = Path(__file__).resolve().parent.parent


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, *, default: bool = False) -> bool:
    text = env_text(name).lower()
    if text and text not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}")
    return text in {"1", "true", "yes", "on"} if text else default


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env_text(name).split(",") if part.strip()]


def env_path(name: str, default: Path) -> Path:
    return Path(env_text(name) or default).resolve()


def database_from(url: str) -> dict[str, Any]:
    """The database named by a postgresql:// or sqlite:// address."""
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": "5", **dict(parse_qsl(parts.query))},
        }
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            # IMMEDIATE: a writer waits for its turn at the start instead of failing half-way through.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// or sqlite:///")


# What an office keeps: database, uploads, the secret of the embedded mode. One folder to back up.
VAR_DIR = env_path("VAR_DIR", BASE_DIR / "var")

# The office's address as people type it, for links in mails and messages; without it they carry none.
SITE_URL = env_text("SITE_URL").rstrip("/")

DEBUG = env_flag("DEBUG")
# The first start of an empty database loads two years of an invented office; `make run` asks for it.
DEMO = env_flag("DEMO")
SHOW_COMPONENTS = DEBUG  # the page of all components, for developers
SECRET_KEY = env_text("SECRET_KEY")
if not SECRET_KEY:
    secret_file = VAR_DIR / "secret-key"
    # `make run` writes the file; anything else must be given a key, there is no default one.
    SECRET_KEY = secret_file.read_text(encoding="ascii").strip() if secret_file.exists() else ""
# Former keys: what was locked or signed with them is still read.
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = [*env_list("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]  # the latter ask after its health
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "cppcc_office.error_pages.csrf_failure"

DATABASE_URL = env_text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'office.sqlite3'}")
DATABASES = {"default": database_from(DATABASE_URL)}
REDIS_URL = env_text("REDIS_URL")
REDIS_PREFIX = env_text("REDIS_PREFIX", "cppcc:")

INSTALLED_APPS = [
    "cppcc_office",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "accounts",
    "tasks",
    "supervision.notifications",
    "supervision.cycles",
    "supervision.inspections",
    "supervision.desk",
]

MIDDLEWARE = [
    "cppcc_office.proxy.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cppcc_office.idle.IdleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ClockMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "accounts.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "cppcc_office.urls"
WSGI_APPLICATION = "cppcc_office.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cppcc_office.frame.frame",
            ],
            "builtins": ["cppcc_office.templatetags.look", "cppcc_office.templatetags.values"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.OfficeBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.MixedKindsValidator"},
    {"NAME": "accounts.passwords.NotOwnNameValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
SESSION_COOKIE_AGE = 30 * 60  # 等保: a session left alone for half an hour ends
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Intranets are served over http as often as https; HTTPS=1 turns on all that needs it.
HTTPS = env_flag("HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, past the proxy
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Set only where a proxy of ours is the only way in: then what it says about sender and https is believed.
BEHIND_PROXY = env_flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# The office's host is one of many under its parent's domain: what the others serve is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws ticks and arrows with data: pictures
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env_path("STATIC_ROOT", VAR_DIR / "static")
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cppcc_office.vendor.VendorFinder",
]
# Address under /static/ → file in node_modules. The maps are there because the files name them.
VENDOR_FILES = {
    "vendor/bootstrap/css/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap/css/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/echarts/echarts.common.min.js": "echarts/dist/echarts.common.min.js",
    "vendor/bootstrap-icons/bootstrap-icons.min.css": "bootstrap-icons/font/bootstrap-icons.min.css",
    "vendor/bootstrap-icons/fonts/bootstrap-icons.woff": "bootstrap-icons/font/fonts/bootstrap-icons.woff",
    "vendor/bootstrap-icons/fonts/bootstrap-icons.woff2": "bootstrap-icons/font/fonts/bootstrap-icons.woff2",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Touched by the background work, read by /healthz.
HEARTBEAT_FILE = VAR_DIR / "heartbeat"
# Never served by a web server: every download asks who may see it.
MEDIA_ROOT = VAR_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the preview of a long table is one form
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# The API is a second door to the same house: who may do what, and what is refused, is said behind it.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.signing_in.TokenSignIn",  # first: its challenge makes the answer to strangers 401
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.signing_in.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accounts.api.answers.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"tokens": "20/minute"},
    "EXCEPTION_HANDLER": "accounts.api.answers.answer_to",
    "NUM_PROXIES": 0,  # the sender is who ProxyMiddleware says, never a header of the sender's own
    "DEFAULT_METADATA_CLASS": None,  # the schema says it all
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"
MIGRATION_MODULES = {"knox": None}  # the library's own table is not used
SPECTACULAR_SETTINGS = {
    "TITLE": "督查督办接口",
    "DESCRIPTION": "与网页同一套数据、权限和办理规则。用法见 docs/api.md。",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cppcc_office.api.with_common_answers",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ProjectState": "tasks.enums.ProjectState",
        "MilestoneState": "tasks.enums.MilestoneState",
        "CloseOutState": "tasks.enums.CloseOutState",
        "ChangeState": "tasks.enums.ChangeState",
        "ChangeKind": "tasks.enums.ChangeKind",
        "Bucket": "tasks.enums.Bucket",
        "Effect": "tasks.enums.Effect",
    },
}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": REDIS_PREFIX, "visibility_timeout": 3600} if REDIS_URL else {}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_DEFAULT_QUEUE = "office"
# A worker takes turns between them: a mail server that does not answer keeps no sweep waiting in line behind mails.
# Each with an exchange of its own: two queues bound to one key would each get every job.
CELERY_TASK_QUEUES = tuple(Queue(name, Exchange(name), routing_key=name) for name in ("office", "deliveries"))
CELERY_TASK_ROUTES = {"supervision.notifications.jobs.send_messages": {"queue": "deliveries"}}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")  # what beat remembers of its last ticks
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATTACHMENT_MAX_BYTES = 50 * 1024 * 1024
IMPORT_MAX_BYTES = 20 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": env_text("LOG_LEVEL", "INFO")},
    # Sweeps come every two seconds; that one came and found nothing is no news.
    "loggers": {
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},  # at DEBUG it tells whole addresses, and a robot's is its password
        # It tells addresses at every level; what it says of a failure is retold without them (channels/platforms.py).
        "apprise": {"level": "WARNING", "handlers": ["nowhere"], "propagate": False},
    },
}
