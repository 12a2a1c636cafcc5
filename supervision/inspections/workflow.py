"""The moves of an inspection as a table: the guard, the buttons, the reason on a barred one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from supervision.inspections import rules
from supervision.inspections.enums import InspectionState as S
from supervision.inspections.models import Inspection


@dataclass(frozen=True)
class InspectionMove:
    name: str
    label: str
    icon: str
    sources: tuple[S, ...]
    target: S
    when: Callable[[User, Inspection, date], list[str]] = rules.always
    needs_words: str = ""

    def bars(self, user: User, inspection: Inspection, today: date) -> list[str]:
        who = rules.who_holds(user, inspection.organization_id, today)
        if inspection.state not in self.sources:
            return [*who, f"{inspection.get_state_display()}的督查不能{self.label}"]
        return [*who, *self.when(user, inspection, today)]


INSPECTION_MOVES = {
    move.name: move
    for move in (
        InspectionMove("alter", "修改方案", "pencil", (S.PLANNED,), S.PLANNED),
        InspectionMove("begin", "开始督查", "play", (S.PLANNED,), S.UNDER_WAY, rules.when_begun),
        InspectionMove("find", "登记发现", "journal-plus", (S.UNDER_WAY,), S.UNDER_WAY),
        InspectionMove("correct", "更正发现", "pencil", (S.UNDER_WAY,), S.UNDER_WAY),
        InspectionMove(
            "conclude", "办结", "check2-square", (S.UNDER_WAY,), S.CONCLUDED, rules.when_concluded, "督查结论"
        ),
        InspectionMove("cancel", "取消", "x-circle", (S.PLANNED, S.UNDER_WAY), S.CANCELLED, rules.always, "取消理由"),
    )
}
