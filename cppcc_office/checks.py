"""What `manage.py check` asks of the settings beyond Django's own questions."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50


def secret_key_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 (Django's signature)
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if len(key) >= SHORTEST_KEY:
        return []
    return [
        Error(
            f"SECRET_KEY is missing or shorter than {SHORTEST_KEY} characters.",
            hint='Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="cppcc_office.E001",
        )
    ]


def uploads_are_not_served(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 (Django's signature)
    """Every download asks who may see it; a web server that serves the folder would not."""
    if Path(settings.MEDIA_ROOT).resolve().is_relative_to(Path(settings.STATIC_ROOT).resolve()):
        return [
            Error(
                "The uploads lie inside the folder of static files and would be served to anybody.",
                hint="Let VAR_DIR and STATIC_ROOT name different folders.",
                id="cppcc_office.E002",
            )
        ]
    return []


def vendor_files_are_installed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 (Django's signature)
    missing = [path for path in settings.VENDOR_FILES.values() if not (settings.NODE_MODULES / path).is_file()]
    if not missing:
        return []
    return [
        Error(
            f"Front-end files are missing from node_modules: {', '.join(missing)}.",
            hint="Run `npm ci`, or `make run`, which does it.",
            id="cppcc_office.E003",
        )
    ]
