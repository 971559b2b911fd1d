"""Every setting once, read from the environment through the readers that refuse bad values by name.

Two modes. Local mode (the default) needs nothing: database, secret key and the embedded Redis live
in ``EVERYNODE_DATA``. With ``EVERYNODE_ENV=production`` nothing is generated and what is missing
stops the start.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url

from dashboard import env, instance

BASE = Path(__file__).resolve().parent.parent

# ------------------------------------------------------------------------------ mode and place
PRODUCTION = env.choice("EVERYNODE_ENV", ("local", "production")) == "production"
if PRODUCTION:
    env.required("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
# Set by `up`, which serves the people of one machine: programs of that machine need no TLS.
EVERYNODE_LOCAL = env.choice("EVERYNODE_LOCAL", ("no", "yes")) == "yes"
if PRODUCTION and EVERYNODE_LOCAL:
    raise env.BadSetting(
        "EVERYNODE_LOCAL is 'yes', and EVERYNODE_ENV=production takes nobody for local: "
        "whatever comes through a proxy seems to. Unset it."
    )
EVERYNODE_DATA = env.folder("EVERYNODE_DATA", BASE / "data")

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY") or instance.secret_key(EVERYNODE_DATA)
# Whoever scrapes /metrics sends it; in production there are no metrics without one.
EVERYNODE_METRICS_TOKEN = env.text("EVERYNODE_METRICS_TOKEN") or (
    "" if PRODUCTION else instance.metrics_token(EVERYNODE_DATA)
)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]

# --------------------------------------------------------------------------------- application
INSTALLED_APPS = [
    # Its pages are found by dashboard.urls: workers and clock have no use for them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "axes",
    "controller",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "dashboard.middleware.SiteMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # After the session and htmx, which its refusals need; before any view.
    "dashboard.past.PastMiddleware",
    # The last, so that it sees how a login ended.
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ------------------------------------------------------------------------------------ database
# IMMEDIATE: a transaction that begins as a reader and then writes fails at once when another
# committed in between, whatever the timeout. WAL lets readers run beside the one writer; copying it
# back every 64 MB instead of every 4 makes a large pass commit three times as fast, and lets 1,000 pods
# start without a wait for the disk.
SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": EVERYNODE_DATA / "everynode.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 8,  # seconds until a person is told that there is no turn to be had; a pass tries again
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            "PRAGMA wal_autocheckpoint=16000;PRAGMA cache_size=-16000;PRAGMA temp_store=MEMORY;"
        ),
    },
    # A file, so that several threads of a test see one database.
    "TEST": {"NAME": EVERYNODE_DATA / "test.sqlite3"},
}
DATABASE_URL = env.url("DATABASE_URL", ("postgres", "postgresql"))
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(DATABASE_URL, conn_health_checks=True) if DATABASE_URL else SQLITE,
}

# How many changes of a cluster can be looked back on, at least.
EVERYNODE_LOG_KEEP = env.whole("EVERYNODE_LOG_KEEP", 200_000, least=1_000)
# For how many days the audit list is kept.
EVERYNODE_AUDIT_DAYS = env.whole("EVERYNODE_AUDIT_DAYS", 365, least=1)

# ------------------------------------------------------------------------------- real clusters
# What their credentials are sealed with; the first one seals, all of them open.
EVERYNODE_CREDENTIALS_KEYS = env.words("EVERYNODE_CREDENTIALS_KEY") or (
    [] if PRODUCTION else [instance.credentials_key(EVERYNODE_DATA)]
)
# After how many seconds a staged rollout is taken over from another Everynode that leaves undone what is due.
EVERYNODE_ROLLOUT_TAKEOVER = env.whole("EVERYNODE_ROLLOUT_TAKEOVER", 60, least=1)
# Whether a cluster may be one of this machine itself.
EVERYNODE_LOOPBACK_CLUSTERS = (
    env.choice("EVERYNODE_LOOPBACK_CLUSTERS", ("no", "yes") if PRODUCTION else ("yes", "no")) == "yes"
)
# Seconds: until an answer begins or goes on; of silence after which a watch counts as broken (bookmarks come
# once a minute); between two tries, at most; in which what was sent is waited for to be seen again.
EVERYNODE_UPSTREAM_ANSWER: float = env.whole("EVERYNODE_UPSTREAM_ANSWER", 30, least=1)
EVERYNODE_UPSTREAM_SILENCE: float = env.whole("EVERYNODE_UPSTREAM_SILENCE", 90, least=1)
EVERYNODE_UPSTREAM_BACKOFF: float = env.whole("EVERYNODE_UPSTREAM_BACKOFF", 30, least=1)
EVERYNODE_UPSTREAM_ECHO: float = env.whole("EVERYNODE_UPSTREAM_ECHO", 5, least=0)

# --------------------------------------------------------------------------- Redis and messages
REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix")) or instance.redis_url(EVERYNODE_DATA)
# Two instances that share a Redis must not take each other's messages. In production several
# machines are one instance, and their data folders say nothing: the name decides.
INSTANCE_NAME = env.text("EVERYNODE_NAME") or (
    "main" if PRODUCTION else hashlib.sha256(str(EVERYNODE_DATA).encode()).hexdigest()[:8]
)
REDIS_PREFIX = f"everynode:{INSTANCE_NAME}:"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # redis-py's own 5 s would end every idle subscription; its 100 connections are too few
            # when many browsers leave together.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "max_connections": 5000}],
            "prefix": f"{REDIS_PREFIX}layer",
        },
    },
}

CELERY_BROKER_URL = REDIS_URL
# Messages only wake: a lost one is found again by the clock, so nothing waits for an absent broker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": REDIS_PREFIX,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    # For the same reason a message that is being answered need not be kept: that took two round trips.
    "ack_emulation": False,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "everynode"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# No task waits for a late acknowledgement, so nothing is cancelled; unset, Celery warns of its default.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"

# ---------------------------------------------------------------------------- people and safety
AUTH_USER_MODEL = "dashboard.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "dashboard.passwords.LongEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# A name is locked for an address, so nobody can lock others out. Who is alone with their machine and
# mistypes waits a minute.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME = (
    (10, timedelta(minutes=1)) if EVERYNODE_LOCAL else (5, timedelta(minutes=15))
)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "dashboard.logins.address_of"
AXES_LOCKOUT_CALLABLE = "dashboard.logins.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # who logged in is told by the audit list
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Cookies do not know ports: two instances on one machine would log each other out.
SESSION_COOKIE_NAME = f"everynode-{INSTANCE_NAME}-session"
CSRF_COOKIE_NAME = f"everynode-{INSTANCE_NAME}-csrf"
# Notices would travel in a cookie of everybody's name otherwise.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "dashboard.views.csrf.refused"
# Set by `up --tls`, where the site has an https address and no other.
TLS = env.choice("EVERYNODE_TLS", ("no", "yes")) == "yes"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION or TLS
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS") or (
    [f"https://{host.replace('.', '*.', 1) if host.startswith('.') else host}" for host in ALLOWED_HOSTS]
    if PRODUCTION
    else []
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# A pasted manifest may be 1 MiB; as a form it is percent-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# ---------------------------------------------------------------------------- language and time
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE / "locale"]
FORMAT_MODULE_PATH = "dashboard.formats"
# Whoever chose a language keeps it; others have their browser's.
LANGUAGE_COOKIE_NAME = f"everynode-{INSTANCE_NAME}-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE

# --------------------------------------------------------------------------------- static files
# Served from the source folders themselves: no collectstatic step, in neither mode.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = not PRODUCTION  # an edited file shows at once
SERVESTATIC_MAX_AGE = 3600 if PRODUCTION else 0  # seconds; names carry no sum of the content
SERVESTATIC_ALLOW_ALL_ORIGINS = False

# -------------------------------------------------------------------------------------- logging
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("EVERYNODE_LOG", ("WARNING", "INFO", "DEBUG"))},
    "filters": {"noise": {"()": "dashboard.log_filters.ServerNoise"}},
    "loggers": {
        # The layer prints a traceback a second while Redis is away; controller.broker says so once.
        "channels_redis.pubsub": {"level": "CRITICAL"},
        "uvicorn.error": {"filters": ["noise"]},
        # What it warns of stands in the audit list.
        "axes": {"level": "ERROR"},
        # What was asked wrongly is told to whoever asked.
        "django.request": {"level": "ERROR"},
    },
}
