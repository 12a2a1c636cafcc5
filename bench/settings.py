"""Settings of the measured server: those of an office, and one bare page beside its own as the yardstick."""

from cppcc_office.settings import *  # noqa: F403
from cppcc_office.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "bench" / "templates"]
