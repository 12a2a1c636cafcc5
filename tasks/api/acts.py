"""What stands behind the address of a move."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import Serializer

from tasks.api.inputs import VersionSerializer


@dataclass(frozen=True)
class Act:
    """The action, called with what was written, by whom and when."""

    do: Callable[..., Any]
    written: type[Serializer[Any]] = VersionSerializer
