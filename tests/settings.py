"""Settings of the test run: the real ones, with fast passwords, own folders and nets under the templates."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)
if "VAR_DIR" not in os.environ:
    # Workers of one run inherit the folder; who made it removes it.
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="cppcc-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from cppcc_office.settings import *  # noqa: F403, E402  (the environment must be set first)
from cppcc_office.settings import BASE_DIR, DATABASES, REDIS_URL, STATIC_ROOT, TEMPLATES, VAR_DIR  # noqa: E402 (the same)
from tests.templates import MissingVariable  # noqa: E402 (the same)

SHOW_COMPONENTS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
TEMPLATES[0]["OPTIONS"] |= {"debug": True, "string_if_invalid": MissingVariable(BASE_DIR)}
# What a test wrote need not outlive a power cut.
OPTIONS = DATABASES["default"]["OPTIONS"]
if not REDIS_URL:
    OPTIONS["init_command"] = OPTIONS["init_command"].replace("synchronous=NORMAL", "synchronous=OFF")
    # A file, not memory: two people at once are two threads with a connection each.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(VAR_DIR) / "test.sqlite3")}
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Nor is any query here so long that it is worth compiling.
    OPTIONS["options"] = "-c synchronous_commit=off -c jit=off"
    # Connections kept open would bar the test database from being dropped.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
