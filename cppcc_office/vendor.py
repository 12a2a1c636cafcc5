"""Which files of the npm packages are served: those listed in the settings, and no others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage


class NpmFile(FileSystemStorage):
    """A storage of one file, known by the address it is served under."""

    prefix = ""

    def path(self, name: str) -> str:
        return str(settings.NODE_MODULES / settings.VENDOR_FILES[name])


class VendorFinder(BaseFinder):
    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 (Django's signature)
        self.storage = NpmFile(location=settings.NODE_MODULES)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        listed = settings.VENDOR_FILES.get(path)
        found = (
            str(settings.NODE_MODULES / listed) if listed and Path(settings.NODE_MODULES / listed).exists() else None
        )
        return ([found] if found else []) if find_all else found or []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:  # noqa: ARG002 (Django's signature)
        for path in settings.VENDOR_FILES:
            yield path, self.storage
