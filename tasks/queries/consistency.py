"""Whether what is stored for the sake of speed still says what its sources say. Reads in pieces, whatever the size."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, F, Max, Min, Model, OuterRef, QuerySet, Subquery

from accounts.models import Organization
from tasks.enums import ChangeKind, ChangeState, CloseOutState, ProjectState, Series
from tasks.models import (
    ChangeRequest,
    CloseOut,
    IssuedNumber,
    Milestone,
    MilestoneRevision,
    NumberSeries,
    Project,
    ProjectRevision,
    Target,
    TargetRevision,
)
from tasks.queries.as_of import Moment
from tasks.queries.figures import figures, lines_of
from tasks.queries.lights import Ground, for_lights, ground_of, view_of
from tasks.queries.moments import bucket_case, bucket_of, light_case, light_of
from tasks.queries.outlook import outlook_of

PIECE = 500
P = ProjectState
# What is settled keeps the pace it was settled with, also when calendar or policy change.
SETTLED = (P.CLOSED, P.CANCELLED, P.CARRIED_OVER)
_TURNINGS = {"on_pace_on", "behind_on", "far_behind_on"}
_OF_REVISIONS = {
    "id",
    "organization_id",
    "project_id",
    "milestone_id",
    "target_id",
    "effective_on",
    "recorded_at",
    "event_id",
}
RowT = TypeVar("RowT", bound=Model)


def differences(organization: Organization, today: date) -> Iterator[str]:
    """Every disagreement in words; nothing where all is well."""
    ground = ground_of(organization.pk, today)
    projects = Project.objects.filter(organization=organization)
    for piece in _pieces(projects):
        yield from _of_piece(piece, ground)
    now, then = figures(lines_of(projects, today)), figures(lines_of(projects, today, Moment(today)))
    if now != then:
        yield f"今天的数字与按修订记录推算的不一致：{dict(now.counts)}，{dict(then.counts)}"
    yield from _of_numbers(organization)


def _pieces(projects: QuerySet[Project]) -> Iterator[list[int]]:
    last = 0
    while piece := list(projects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PIECE]):
        yield piece
        last = piece[-1]


def _of_piece(ids: list[int], ground: Ground) -> Iterator[str]:
    today = ground.today
    rows = Project.objects.filter(pk__in=ids)
    told = {row["pk"]: row for row in rows.annotate(b=bucket_case(today), c=light_case(today)).values("pk", "b", "c")}
    pending = dict(
        ChangeRequest.objects.filter(project__in=ids, state=ChangeState.ASKED, kind=ChangeKind.EXTENSION).values_list(
            "project", "asked_on"
        )
    )
    loaded = list(for_lights(rows))
    for project in loaded:
        name = f"项目 {project.number or project.pk}"
        yield from _unlike(name, project, _expected(project, ground))
        bucket, light = bucket_of(project, today), light_of(project, today)
        seen = view_of(project, ground).light.code
        if told[project.pk]["b"] != bucket:
            yield f"{name}：归类，数据库算得 {told[project.pk]['b']}，内存算得 {bucket}"
        if not told[project.pk]["c"] == light == seen:
            yield f"{name}：亮灯，数据库算得 {told[project.pk]['c']}，内存算得 {light}，页面算得 {seen}"
        if project.extension_asked_on != pending.get(project.pk):
            yield f"{name}：申请延期日期 {project.extension_asked_on}，待决定的申请 {pending.get(project.pk)}"
        yield from _close_outs_fit(name, project)
    yield from _revisions_fit(loaded)


def _expected(project: Project, ground: Ground) -> dict[str, Any]:
    values = outlook_of(project, ground.policy, ground.calendar)
    if project.state in SETTLED:
        values = {field: value for field, value in values.items() if field not in _TURNINGS}
    return values


def _unlike(name: str, row: Model, expected: Mapping[str, Any]) -> Iterator[str]:
    for field, value in expected.items():
        if getattr(row, field) != value:
            yield f"{name}：{field} 存的是 {getattr(row, field)}，应为 {value}"


def _close_outs_fit(name: str, project: Project) -> Iterator[str]:
    live = Counter(row.state for row in project.close_outs.all())
    wanted = {P.CLOSED: (1, 0), P.CLOSE_OUT_REQUESTED: (0, 1)}.get(P(project.state), (0, 0))
    if (live[CloseOutState.ACCEPTED], live[CloseOutState.REQUESTED]) != wanted:
        yield f"{name}：{project.get_state_display()}，已销号 {live[CloseOutState.ACCEPTED]} 份、待验收 {live[CloseOutState.REQUESTED]} 份"
    if (project.state == P.CARRIED_OVER) != (project.carried_into_id is not None):
        yield f"{name}：{project.get_state_display()}，结转到 {project.carried_into_id}"


def _revisions_fit(projects: Sequence[Project]) -> Iterator[str]:
    """The latest revision says what the row says."""
    latest = _latest(ProjectRevision.objects.filter(project__in=projects), "project")
    numbered = [project for project in projects if project.number]
    for project in projects:
        revision = latest.get(project.pk)
        if revision is not None:
            yield from _unlike(f"项目 {project.number or project.pk} 的修订记录", revision, _fields(revision, project))
        elif project.number:
            yield f"项目 {project.number}：没有修订记录"
    parts: tuple[tuple[str, QuerySet[Any], Iterable[Milestone | Target], str], ...] = (
        (
            "节点",
            MilestoneRevision.objects.filter(project__in=numbered),
            (row for project in numbered for row in project.milestones.all()),
            "milestone",
        ),
        (
            "目标",
            TargetRevision.objects.filter(target__project__in=numbered),
            (row for project in numbered for row in project.targets.all()),
            "target",
        ),
    )
    for word, revisions, rows, key in parts:
        last = _latest(revisions, key)
        for row in rows:
            revision = last.get(row.pk)
            if revision is None:
                yield f"{word} {row.pk}：没有修订记录"
            else:
                yield from _unlike(f"{word} {row.pk} 的修订记录", revision, _fields(revision, row))


def _latest(revisions: QuerySet[RowT], key: str) -> dict[int, RowT]:
    own = revisions.model._default_manager.filter(**{key: OuterRef(key)}).order_by("-effective_on", "-pk")
    return {getattr(row, f"{key}_id"): row for row in revisions.filter(pk=Subquery(own.values("pk")[:1]))}


def _fields(revision: Model, row: Model) -> dict[str, Any]:
    names = [field.attname for field in revision._meta.concrete_fields if field.attname not in _OF_REVISIONS]
    return {name: getattr(row, name) for name in names}


def _of_numbers(organization: Organization) -> Iterator[str]:
    """Consecutive without gap or double, each held by what it was given to."""
    issued = IssuedNumber.objects.filter(organization=organization)
    last = {(row.series, row.year): row.last for row in NumberSeries.objects.filter(organization=organization)}
    runs = issued.order_by("series", "year").values("series", "year")
    for run in runs.annotate(count=Count("n", distinct=True), first=Min("n"), most=Max("n")):
        given = last.pop((run["series"], run["year"]), None)
        if (run["first"], run["most"], given) != (1, run["count"], run["count"]):
            yield f"{run['year']} 年的编号 {run['series']}：从 {run['first']} 到 {run['most']}，共 {run['count']} 个，记到 {given}"
    yield from (f"{year} 年的编号 {series}：记到 {n}，却没有发出" for (series, year), n in last.items() if n)
    for series, rows in (
        (Series.PROJECT, Project.objects.filter(organization=organization).exclude(number="")),
        (Series.CLOSE_OUT, CloseOut.objects.filter(organization=organization, state=CloseOutState.ACCEPTED)),
    ):
        own = issued.filter(series=series, subject_id=OuterRef("pk"), voided_at=None).values("text")[:1]
        wrong = rows.annotate(given=Subquery(own)).exclude(number=F("given"))
        for number, given in wrong.values_list("number", "given").iterator(chunk_size=PIECE):
            yield f"{Series(series).name} 的编号 {number}，发出的是 {given}"
