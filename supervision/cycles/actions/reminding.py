"""周总结 comes: whose work is due or was changed and has no words yet is told the working day before."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from supervision.cycles.kinds import WEEKLY_REMINDER
from supervision.cycles.models import CycleRule
from supervision.cycles.periods import Due
from supervision.cycles.queries.unreported import Matter, audience, matters_to_remind_of
from supervision.notifications.actions.telling import Telling, tell

NAMED = 3


def remind_weekly(rule: CycleRule, due: Due, now: datetime) -> int:
    """The heads of the divisions concerned and those who answer for the work; nobody owes a word about anything else."""
    today = timezone.localdate(now)
    matters = matters_to_remind_of(rule.organization_id, due.period)
    people = audience(rule.organization_id, matters, today)
    return tell(
        (
            Telling(
                kind=WEEKLY_REMINDER,
                person_id=person_id,
                organization_id=rule.organization_id,
                key=due.period.starts_on.isoformat(),
                words=_words(rule, due, own),
                url=reverse("weekly-now"),
                counts={"待填报": len(own)},
            )
            for person_id, own in people.items()
        ),
        now=now,
    )


def _words(rule: CycleRule, due: Due, matters: list[Matter]) -> str:
    """With the numbers of the first few: the titles stand on the page."""
    numbers = list(dict.fromkeys(matter.project.number for matter in matters))
    named = "、".join(numbers[:NAMED]) + (" 等" if len(numbers) > NAMED else "")
    on = f"{due.on.month}月{due.on.day}日 {due.at:%H:%M}"
    return f"{on} 汇集{rule.name}，{len(matters)} 项工作本周还没有填报进展：{named}"
