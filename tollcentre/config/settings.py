"""Typed settings, read from the environment once; nothing else reads the environment."""

import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .environment import Environment

ENV = Environment.read()
HOME: Path = ENV.home
LAKE_ROOT: Path = HOME / "lake"
LAKE_MEMORY_LIMIT: str = ENV.lake_memory_limit
LAKE_THREADS: int = ENV.lake_threads
CLOCK_FILE: str = ENV.clock_file
HSM_KEYS: str = ENV.hsm_keys
PRIVACY_KEYS: str = ENV.privacy_keys
ASK_NATION = "tollcentre.gateway.plates.ask_nation"
"""Who says whether a plate holds media elsewhere in the nation."""
BASE_DIR = Path(__file__).resolve().parent.parent


def _secret_key() -> str:
    """The session key of this home, made once and kept readable by its owner only."""
    if ENV.secret_key:
        return ENV.secret_key
    path = HOME / "keys" / "django.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


def _database() -> dict[str, object]:
    """SQLite in the home, or the PostgreSQL that TOLLCENTRE_DATABASE_URL names."""
    if not ENV.database_url:
        HOME.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "tollcentre.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA foreign_keys=ON;PRAGMA cache_size=-65536;",
            },
        }
    parts = urlsplit(ENV.database_url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "tollcentre.config.urls"
WSGI_APPLICATION = "tollcentre.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "tollcentre.lake",
    "tollcentre.access",
    "tollcentre.messages",
    "tollcentre.organisation",
    "tollcentre.participants",
    "tollcentre.ledger",
    "tollcentre.network",
    "tollcentre.tariff",
    "tollcentre.issuing",
    "tollcentre.parking",
    "tollcentre.statuslist",
    "tollcentre.passage",
    "tollcentre.monitoring",
    "tollcentre.clearing",
    "tollcentre.deposit",
    "tollcentre.dispute",
    "tollcentre.settlement",
    "tollcentre.refund",
    "tollcentre.daily_run",
    "tollcentre.reporting",
    "tollcentre.gateway",
    "tollcentre.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tollcentre.console.middleware.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tollcentre.console.middleware.ContentPolicy",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tollcentre.console.shell.context",
            ],
        },
    },
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
