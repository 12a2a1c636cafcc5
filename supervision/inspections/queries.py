"""What the pages of 专项督查 show: the list with its figures, the objects with findings and what came of them, the story."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Prefetch, Q

from accounts.enums import Outcome
from accounts.models import Event, User
from supervision.inspections.enums import Means
from supervision.inspections.models import (
    Finding,
    Inspection,
    InspectionMember,
    InspectionObject,
    InspectionQuerySet,
)
from tasks.enums import ProjectState
from tasks.models import Project
from tasks.queries.lights import ProjectView, for_lights, views_of

# What an inspected division is told of the story: the findings at others are not its business.
TOLD_TO_INSPECTED = ("begin_inspection", "conclude_inspection")


@dataclass(frozen=True)
class Tally:
    """Rectifications that were terminated count as neither open nor done."""

    findings: int = 0
    open: int = 0
    done: int = 0


@dataclass(frozen=True)
class Line:
    """One inspection of the list, as far as the reader sees it."""

    inspection: Inspection
    tally: Tally

    @property
    def head(self) -> InspectionMember | None:
        return next((member for member in self.inspection.members.all() if member.is_head), None)


@dataclass(frozen=True)
class FindingRow:
    """`view` is the follow-up with its light now; None where there is none, or the reader does not find it."""

    finding: Finding
    view: ProjectView | None


@dataclass(frozen=True)
class ObjectRow:
    inspected: InspectionObject
    findings: list[FindingRow] = field(default_factory=list)


def with_people(inspections: InspectionQuerySet, user: User, today: date) -> InspectionQuerySet:
    """With the group, and with the objects that this person may see."""
    objects = InspectionObject.objects.visible_to(user, today).select_related("division")
    return inspections.select_related("organization", "key_task", "created_by", "concluded_by").prefetch_related(
        Prefetch("members", InspectionMember.objects.select_related("user")), Prefetch("inspected", objects)
    )


def lines_of(inspections: Iterable[Inspection]) -> list[Line]:
    """Takes inspections loaded by `with_people`; counts the findings at the objects loaded with them."""
    held = list(inspections)
    tallies = _tallies(row.pk for inspection in held for row in inspection.inspected.all())
    return [Line(inspection, tallies.get(inspection.pk, Tally())) for inspection in held]


def _tallies(object_ids: Iterable[int]) -> dict[int, Tally]:
    over = Q(follow_up__state__in=[ProjectState.CLOSED, ProjectState.CANCELLED])
    rows = (
        Finding.objects.filter(inspected__in=list(object_ids))
        .order_by()
        .values_list("inspected__inspection")
        .annotate(
            findings=Count("pk"),
            left=Count("pk", filter=Q(follow_up__isnull=False) & ~over),
            done=Count("pk", filter=Q(follow_up__state=ProjectState.CLOSED)),
        )
    )
    return {pk: Tally(findings, left, done) for pk, findings, left, done in rows}


def object_rows(inspection: Inspection, user: User, today: date) -> list[ObjectRow]:
    """The objects loaded by `with_people` with their findings, in a constant number of queries."""
    objects = list(inspection.inspected.all())
    findings = list(
        Finding.objects.filter(inspected__in=objects)
        .select_related("person", "recorded_by", "follow_up")
        .order_by("pk")
    )
    followed = [row.follow_up_id for row in findings if row.follow_up_id]
    seen = Project.objects.visible_to(user, today).filter(pk__in=followed)
    views = {view.project.pk: view for view in views_of(for_lights(seen), today)} if followed else {}
    rows = {row.pk: ObjectRow(row) for row in objects}
    for finding in findings:
        rows[finding.inspected_id].findings.append(FindingRow(finding, views.get(finding.follow_up_id or 0)))
    return list(rows.values())


def tally_of(rows: Iterable[ObjectRow]) -> Tally:
    states = [row.finding.follow_up.state if row.finding.follow_up else None for each in rows for row in each.findings]
    done, dropped = states.count(ProjectState.CLOSED), states.count(ProjectState.CANCELLED)
    return Tally(len(states), len(states) - states.count(None) - done - dropped, done)


def means_words(inspection: Inspection) -> str:
    return "、".join(Means(value).label for value in inspection.means)


def story_of(inspection: Inspection, *, is_whole: bool) -> list[Event]:
    """What happened, the latest first."""
    events = Event.objects.filter(subject_kind="inspection", subject_id=inspection.pk, outcome=Outcome.DONE)
    if not is_whole:
        events = events.filter(verb__in=TOLD_TO_INSPECTED)
    return list(events.select_related("by"))


def why_cancelled(story: Iterable[Event]) -> str:
    return next((str(row.after.get("note", "")) for row in story if row.verb == "cancel_inspection"), "")
