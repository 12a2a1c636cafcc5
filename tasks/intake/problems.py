"""What stands in the way of a row, in words, with the answers to offer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pick:
    """An answer to press: what it sets in the row's fields, or what it decides."""

    label: str
    sets: Mapping[str, str]
    decision: str = ""

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"set": dict(self.sets)}
        if self.decision:
            answer["decision"] = self.decision
        return {"label": self.label, "answer": json.dumps(answer, ensure_ascii=False)}


@dataclass(frozen=True, slots=True)
class Problem:
    """`words` is one Chinese sentence: what is wrong and what to do. `is_error`: the cell holds nothing readable.

    `about` is the name in question where one answer serves several rows (a source).
    """

    field: str
    code: str
    words: str
    picks: tuple[Pick, ...] = ()
    is_error: bool = False
    about: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "code": self.code,
            "words": self.words,
            "picks": [pick.as_json() for pick in self.picks],
            "is_error": self.is_error,
            "about": self.about,
        }


def pick_of(field: str, text: str, label: str = "") -> Pick:
    return Pick(label or text, {field: text})
