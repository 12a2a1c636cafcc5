"""Settings of the measured server: those of an office, and one bare page beside its own as the yardstick."""

from cppcc_office.settings import *  # noqa: F403 (settings are laid over settings)
from cppcc_office.settings import BASE_DIR, INSTALLED_APPS, TEMPLATES

ROOT_URLCONF = "bench.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "bench"]  # for its command
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "bench" / "templates"]
