"""What each filter of the ledger leaves, in which order, and which page of it; on projects and on their revisions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

from tasks.enums import OPEN_STATES, Bucket, ProjectState, SourceGroup
from tasks.models import KeyTask, Milestone, ProgressEntry, Project, ProjectCoDivision
from tasks.pace import Pace
from tasks.queries.figures import Lines
from tasks.queries.moments import IN_TOTAL, bucket_case, light_case, light_rank

OPEN = "open"
TOTAL = "total"
LIT = "lit"
WITHOUT = "none"  # of a source
LONGEST_SEARCH = 8  # words
Values = Sequence[str]


def _by_words(lines: Lines, values: Values) -> Lines:
    """Every word must be found: in title, number, key task, division, person or leader; in pinyin by initials too."""
    for word in " ".join(values).split()[:LONGEST_SEARCH]:
        own, small = lines.path, word.lower()
        found = (
            Q(**{f"{own('title')}__icontains": word})
            | Q(**{f"{own('number')}__icontains": word})
            | Q(**{f"{own('key_task__title')}__icontains": word})
            | Q(lead_division__name__icontains=word)
            | Q(lead_division__short_name__icontains=word)
            | Q(person__name__icontains=word)
            | Q(leader__name__icontains=word)
        )
        if small.isascii() and small.isalpha():
            found |= Q(**{f"{own('title_initials')}__contains": small})
            for whom in ("person", "leader"):
                found |= Q(**{f"{whom}__initials__startswith": small}) | Q(**{f"{whom}__pinyin__startswith": small})
        lines = lines.filter(found)
    return lines


def _by_source(lines: Lines, values: Values) -> Lines:
    """Source classes by id, or every class of a group; or what has no source."""
    groups = [value for value in values if value in SourceGroup]
    classes = [int(value) for value in values if value not in SourceGroup and value != WITHOUT]
    through = KeyTask.sources.through._default_manager.filter(keytask=OuterRef(lines.path("key_task")))
    named = Q(source__source_class__in=classes) | Q(source__source_class__group__in=groups)
    found = Q(Exists(through.filter(named)))
    return lines.filter(found | ~Q(Exists(through)) if WITHOUT in values else found)


def _assisting(lines: Lines, ids: Sequence[int]) -> Q:
    own = OuterRef(lines.path("pk"))
    return Q(Exists(ProjectCoDivision.objects.filter(project=own, division__in=ids))) | Q(
        Exists(Milestone.objects.filter(project=own, division__in=ids))
    )


def by_division(lines: Lines, values: Values, *, with_co: bool) -> Lines:
    """Led by one of them; with_co also those it assists or has a milestone of."""
    ids = [int(value) for value in values]
    led = Q(lead_division__in=ids)
    return lines.filter(led | _assisting(lines, ids) if with_co else led)


def _by_assisting(lines: Lines, values: Values) -> Lines:
    """Those it is named on as 协办: the part of the figures that is shown apart."""
    ids = [int(value) for value in values]
    own = OuterRef(lines.path("pk"))
    return lines.filter(Exists(ProjectCoDivision.objects.filter(project=own, division__in=ids)))


def _by_state(lines: Lines, values: Values) -> Lines:
    states: set[str] = set(values) - {OPEN}
    return lines.filter(state__in=states | set(OPEN_STATES) if OPEN in values else states)


def _by_bucket(lines: Lines, values: Values) -> Lines:
    if TOTAL in values:
        return lines.filter(IN_TOTAL)
    return Lines(
        lines.rows.alias(in_bucket=bucket_case(lines.today)).filter(in_bucket__in=[Bucket(value) for value in values]),
        lines.today,
        lines.to_project,
    )


def _by_light(lines: Lines, values: Values) -> Lines:
    codes = {*(value for value in values if value != LIT), *(("red", "yellow") if LIT in values else ())}
    rows = lines.rows.alias(in_light=light_case(lines.today)).filter(in_light__in=codes)
    return Lines(rows, lines.today, lines.to_project)


def _by_pace(lines: Lines, values: Values) -> Lines:
    today = lines.today
    ahead = Q(on_pace_on__gt=today)
    far = Q(far_behind_on__isnull=False, far_behind_on__lte=today)
    behind = Q(behind_on__isnull=False, behind_on__lte=today) & ~far
    meant = {
        Pace.AHEAD: ahead,
        Pace.ON: ~ahead & ~far & ~behind,
        Pace.BEHIND: behind & ~ahead,
        Pace.FAR_BEHIND: far & ~ahead,
    }
    wanted = Q()
    for value in values:
        wanted |= meant[Pace(value)]
    return lines.filter(wanted, state=ProjectState.IN_PROGRESS, pace__isnull=False)


def needing_coordination(lines: Lines, whole: QuerySet[Project], known_by: datetime | None) -> Lines:
    """The latest entry asks for it; only of projects whose entries this person may read."""
    lines = lines.filter(**{f"{lines.path('pk')}__in": whole.order_by().values("pk")})
    entries = ProgressEntry.objects.filter(project=OuterRef(lines.path("pk")), on__lte=lines.today)
    if known_by is not None:
        entries = entries.filter(created_at__lte=known_by)
    latest = entries.order_by("-on", "-id").values("needs_coordination")[:1]
    return Lines(lines.rows.alias(asks=Subquery(latest)).filter(asks=True), lines.today, lines.to_project)


NARROWING: dict[str, Callable[[Lines, Values], Lines]] = {
    "q": _by_words,
    "plan": lambda lines, values: lines.filter(**{f"{lines.path('plan')}__in": values}),
    "category": lambda lines, values: lines.filter(**{f"{lines.path('key_task__category__name')}__in": values}),
    "source": _by_source,
    "assists": _by_assisting,
    "person": lambda lines, values: lines.filter(person__in=values),
    "leader": lambda lines, values: lines.filter(leader__in=values),
    "state": _by_state,
    "bucket": _by_bucket,
    "light": _by_light,
    "pace": _by_pace,
    "due_from": lambda lines, values: lines.filter(due_on__gte=date.fromisoformat(values[0])),
    "due_to": lambda lines, values: lines.filter(due_on__lte=date.fromisoformat(values[0])),
    "waiting": lambda lines, _: lines.filter(state=ProjectState.IN_PROGRESS, waits_since__isnull=False),
    "chosen": lambda lines, values: lines.filter(**{f"{lines.path('pk')}__in": values}),
}

# Kept by revisions: told from the row. The others lead to the project.
SORTS: dict[str, tuple[str, ...]] = {
    "number": ("number",),
    "title": ("title_initials", "title"),
    "category": ("key_task__category__order", "key_task__category"),
    "lead": ("lead_division__order", "lead_division"),
    "leader": ("leader__pinyin", "leader__name"),
    "person": ("person__pinyin", "person__name"),
    "dispatched_on": ("dispatched_on",),
    "due_on": ("due_on",),
    "progress": ("progress",),
    "extensions": ("extension_count",),
    "closed_on": ("closed_on",),
    "light": (),  # by rank, the worst first
}
_OF_PROJECT = ("number", "title", "key_task")
_NEVER_EMPTY = (
    "number",
    "title",
    "title_initials",
    "key_task__category__order",
    "key_task__category",
    "extension_count",
)
GROUPS: dict[str, tuple[str, str, tuple[str, ...]]] = {  # label, key, order
    "category": ("类别", "key_task__category", ()),
    "key_task": ("重点任务", "key_task", ()),
    "division": ("牵头处室", "lead_division", ("lead_division__order", "lead_division")),
    "none": ("不分组", "", ()),
}
_BY_PLAN = ("-plan__year", "plan")
_BY_CATEGORY = ("key_task__category__order", "key_task__category")
_BY_KEY_TASK = ("key_task__order", "key_task")


def group_path(lines: Lines, group: str) -> str:
    key = GROUPS[group][1]
    return lines.path(key) if key.startswith(_OF_PROJECT) else key


@dataclass(frozen=True)
class Order:
    """An order of rows, to be laid on more than one query."""

    by: tuple[OrderBy, ...]
    aliases: dict[str, Any] = field(default_factory=dict)

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        ordered: QuerySet[Any] = rows.alias(**self.aliases).order_by(*self.by)
        return ordered


def order_of(lines: Lines, group: str, sort: Sequence[tuple[str, bool]], *, one_plan: bool, all_due: bool) -> Order:
    """Groups first, then the keys asked for (True: descending), then as the plan has them.

    `all_due`: every row has a date, so that the plain index serves.
    """
    heads: tuple[str, ...] = () if one_plan else _BY_PLAN
    if group == "division":
        heads = ("lead_division__order", "lead_division")
    elif group == "none":
        heads = ()
    else:
        heads = (*heads, *_BY_CATEGORY, *(_BY_KEY_TASK if group == "key_task" else ()))
    by = [_plain(lines, name) for name in heads]
    aliases: dict[str, Any] = {}
    for key, descending in sort:
        if key == "light":
            aliases["light"] = light_case(lines.today)
            by.append(light_rank().desc() if descending else light_rank().asc())
        by += [_ordered(lines, name, descending, all_due=all_due) for name in SORTS[key]]
    rest = ("pk",) if sort and group == "none" else (*_BY_PLAN, *_BY_CATEGORY, *_BY_KEY_TASK, "order", "pk")
    by += [_plain(lines, name) for name in rest if name not in heads]
    return Order(tuple(by), aliases)


def _plain(lines: Lines, name: str) -> OrderBy:
    bare = name.removeprefix("-")
    kept = bare.startswith("lead_division")
    column = F(bare if kept else lines.path(bare))
    return column.desc() if name.startswith("-") else column.asc()


def _ordered(lines: Lines, name: str, descending: bool, *, all_due: bool) -> OrderBy:
    column = F(lines.path(name) if name.startswith(_OF_PROJECT) else name)
    if name in _NEVER_EMPTY or (all_due and name in ("due_on", "dispatched_on")):
        return column.desc() if descending else column.asc()
    return column.desc(nulls_last=True) if descending else column.asc(nulls_last=True)


def page_of(lines: Lines, order: Order, start: int, stop: int, count: int) -> QuerySet[Any]:
    """These rows in their order. Their ids are found first, without what rows show, and from the nearer end."""
    ordered = order.of(lines.rows)
    ids = ordered.reverse()[max(0, count - stop) : count - start] if start > count // 2 else ordered[start:stop]
    return order.of(lines.rows.model._default_manager.filter(pk__in=ids.values("pk")))
