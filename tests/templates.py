"""A net under the templates: a name that is not there is a fault of the page, not an empty place on it."""

import sys
from pathlib import Path


class MissingVariable(str):
    """Django's `string_if_invalid`, asked by `%` for what to print; it raises for templates of ours.

    Django's own templates and those of libraries rely on missing names and get the usual empty text.
    """

    __slots__ = ("house",)
    house: Path

    def __new__(cls, house: Path) -> "MissingVariable":
        text = super().__new__(cls, "%s")
        text.house = house
        return text

    def __mod__(self, name: object) -> str:
        context = sys._getframe(1).f_locals["context"]
        template = context.render_context.template or context.template
        origin = Path(str(template.origin.name))
        if origin.is_relative_to(self.house) and not origin.is_relative_to(self.house / ".venv"):
            raise AssertionError(f"{origin.relative_to(self.house)}: {{{{ {name} }}}} is not there")
        return ""
