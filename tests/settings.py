"""Settings of the test run: the real ones, with fast passwords and own folders."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="cppcc-tests-"))

from cppcc_office.settings import *  # noqa: F403, E402  (the environment must be set first)
from cppcc_office.settings import TEMPLATES, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(VAR_DIR).mkdir(parents=True, exist_ok=True)
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
TEMPLATES[0]["OPTIONS"]["debug"] = True  # type: ignore[index]
