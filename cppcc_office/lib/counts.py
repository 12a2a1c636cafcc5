"""Numbers with their labels, in the order in which they are to be read."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    JSONField = models.JSONField[dict[str, int], dict[str, int]]
else:
    JSONField = models.JSONField  # takes no parameters when run


class CountsField(JSONField):
    """A dict of label and number that comes back in the order given. It lies in the database as a list of pairs:
    PostgreSQL keeps the keys of an object in an order of its own. Only whole values can be asked for."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        pairs = list(value.items()) if isinstance(value, dict) else value
        return super().get_db_prep_value(pairs, connection, prepared)

    def from_db_value(self, value: str | None, *_: Any) -> dict[str, int] | None:
        return None if value is None else dict(json.loads(value))
