"""周总结: a week's work of each division as lines of its four parts, compiled from what has been recorded anyway."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from supervision.cycles.enums import Cycle
from supervision.cycles.models import CycleRun, WeeklySummary
from supervision.cycles.periods import Period
from tasks.enums import CloseOutState, MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, ProgressEntry, Project
from tasks.queries.outlook import RUNNING

DONE, UNDER_WAY, NEXT_WEEK, COORDINATION = PARTS = ("done", "under_way", "next_week", "coordination")
TITLES = {DONE: "本周完成", UNDER_WAY: "正在推进", NEXT_WEEK: "下周安排", COORDINATION: "需协调"}
_LIVE = (ProjectState.DISPATCHED, ProjectState.IN_PROGRESS)
_UNDER_WAY = (*_LIVE, ProjectState.CLOSE_OUT_REQUESTED)
_PROJECT = ("project__number", "project__title", "project__lead_division")
Texts = dict[str, str]  # by part


@dataclass
class Parts:
    """By part, by project, the words of each thing once, in the order they came."""

    said: dict[str, dict[tuple[str, str], dict[str, None]]] = field(
        default_factory=lambda: {part: {} for part in PARTS}
    )

    def say(self, part: str, project: tuple[str, str], words: str) -> None:
        if words := tidy(words):
            self.said[part].setdefault(project, {})[words] = None

    def texts(self) -> Texts:
        return {part: "\n".join(_lines(by_project)) for part, by_project in self.said.items()}


def _lines(by_project: Mapping[tuple[str, str], Iterable[str]]) -> Iterable[str]:
    for (number, title), words in sorted(by_project.items()):
        yield f"{number} {title}：{'；'.join(words)}"


def tidy(words: str) -> str:
    """On one line, without the stop that the next part would follow."""
    return " ".join(words.split()).rstrip("。；;，, ")


@dataclass(frozen=True)
class Reach:
    """What a summary is compiled from: the week, and what was recorded of the time before after that had been compiled.

    A week is compiled on its last afternoon; what comes that evening or at the weekend would else be told in none.
    """

    organization_id: int
    week: Period
    before: tuple[date, datetime] | None = None  # first day and moment of the summary before

    def of(self, on: str, at: str) -> Q:
        """By the columns that say of which day something is, and when it was recorded."""
        found = Q(**{f"{on}__range": (self.week.starts_on, self.week.ends_on)})
        if self.before is not None:
            since, compiled_at = self.before
            found |= Q(**{f"{on}__gte": since, f"{on}__lt": self.week.starts_on, f"{at}__gt": compiled_at})
        return found


def reach_of(organization_id: int, week: Period) -> Reach:
    """Back to the summary before, over one week that had no working day; not over weeks in which the rule was off."""
    before = CycleRun.objects.filter(
        organization=organization_id,
        cycle=Cycle.WEEKLY,
        starts_on__in=(week.previous.starts_on, week.previous.previous.starts_on),
        started_at__isnull=False,
    )
    row = before.order_by("-starts_on").values_list("starts_on", "started_at").first()
    return Reach(organization_id, week, (row[0], row[1]) if row is not None and row[1] is not None else None)


def compiled(organization_id: int, week: Period) -> dict[int, Parts]:
    """What each division did in the week and has before it in the next; six queries."""
    divisions: dict[int, Parts] = {}
    reach = reach_of(organization_id, week)
    for compile_part in (_milestones_done, _close_outs, _entries, _due_milestones, _due_projects):
        for division_id, part, project, words in compile_part(reach):
            if division_id is not None:
                divisions.setdefault(division_id, Parts()).say(part, project, words)
    return divisions


_Said = tuple[int | None, str, tuple[str, str], str]


def _milestones_done(reach: Reach) -> Iterable[_Said]:
    """What was confirmed, and what was reported; in a later week it is confirmed it says so again."""
    rows = Milestone.objects.filter(
        Q(state__in=(MilestoneState.REPORTED, MilestoneState.DONE)) & reach.of("reported_on", "reported_at")
        | Q(state=MilestoneState.DONE) & reach.of("done_on", "done_at"),
        organization=reach.organization_id,
    ).order_by("due_on", "pk")
    told = rows.values_list("division", "title", "state", "done_on", *_PROJECT)
    for division, title, state, done_on, number, name, _ in told:
        if done_on is not None and done_on <= reach.week.ends_on:
            words = f"完成“{title}”"
        else:
            words = f"“{title}”已报送" + ("，待核实" if state == MilestoneState.REPORTED else "")
        yield division, DONE, (number, name), words


def _close_outs(reach: Reach) -> Iterable[_Said]:
    rows = CloseOut.objects.filter(
        Q(state__in=(CloseOutState.REQUESTED, CloseOutState.ACCEPTED)) & reach.of("requested_on", "requested_at")
        | Q(state=CloseOutState.ACCEPTED) & reach.of("closed_on", "decided_at"),
        organization=reach.organization_id,
    ).order_by("pk")
    for row in rows.select_related("project").defer("summary", "opinion"):
        project = (row.project.number, row.project.title)
        if row.closed_on is not None and row.closed_on <= reach.week.ends_on:
            yield row.project.lead_division_id, DONE, project, f"已销号，成效评价“{row.get_effect_display()}”"
        else:
            words = "已申请销号" + ("，待验收" if row.state == CloseOutState.REQUESTED else "")
            yield row.project.lead_division_id, UNDER_WAY, project, words


def _entries(reach: Reach) -> Iterable[_Said]:
    rows = ProgressEntry.objects.filter(reach.of("on", "created_at"), organization=reach.organization_id)
    told = rows.order_by("on", "pk").values_list(
        "division", "situation", "problems", "next_steps", "needs_coordination", *_PROJECT
    )
    for division, situation, problems, next_steps, needs_coordination, number, title, lead in told:
        whose, project = division or lead, (number, title)
        yield whose, UNDER_WAY, project, situation
        yield whose, NEXT_WEEK, project, next_steps
        if needs_coordination:
            yield whose, COORDINATION, project, problems or situation


def _due_milestones(reach: Reach) -> Iterable[_Said]:
    after = reach.week.next
    rows = Milestone.objects.filter(
        organization=reach.organization_id,
        state__in=RUNNING,
        project__state__in=_LIVE,
        due_on__range=(after.starts_on, after.ends_on),
    ).order_by("due_on", "pk")
    for division, title, due_on, number, name, _ in rows.values_list("division", "title", "due_on", *_PROJECT):
        yield division, NEXT_WEEK, (number, name), f"“{title}”{_day(due_on)}到期"


def _due_projects(reach: Reach) -> Iterable[_Said]:
    after = reach.week.next
    rows = Project.objects.filter(
        organization=reach.organization_id, state__in=_LIVE, due_on__range=(after.starts_on, after.ends_on)
    ).order_by("pk")
    for division, number, title, due_on in rows.values_list("lead_division", "number", "title", "due_on"):
        yield division, NEXT_WEEK, (number, title), f"项目{_day(due_on)}到期"


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""


def divisions_under_way(organization_id: int) -> set[int]:
    """Those that lead a project under way, or have a milestone of one to do."""
    projects = Project.objects.filter(organization=organization_id, state__in=_UNDER_WAY).order_by()
    milestones = Milestone.objects.filter(
        organization=organization_id, state__in=RUNNING, project__state__in=_LIVE, division__isnull=False
    ).order_by()
    leads = projects.values_list("lead_division", flat=True).distinct()
    return {pk for pk in leads if pk} | set(milestones.values_list("division", flat=True).distinct())


def texts_of(summary: WeeklySummary) -> Texts:
    return {part: getattr(summary, part) for part in PARTS}


def of_the_office(summaries: Iterable[WeeklySummary]) -> Texts:
    """The divisions' summaries as one: each line with whose it is, the same words of two divisions once."""
    lines: dict[str, dict[str, list[str]]] = {part: {} for part in PARTS}
    for summary in summaries:
        if summary.division is None:
            continue
        for part in PARTS:
            for line in getattr(summary, part).splitlines():
                if words := tidy(line):
                    lines[part].setdefault(words, []).append(summary.division.brief)
    return {
        part: "\n".join(f"{words}（{'、'.join(whose)}）" for words, whose in by_words.items())
        for part, by_words in lines.items()
    }


@dataclass(frozen=True)
class PartChange:
    """What 从处室更新 would do to one part of the office's summary."""

    part: str
    added: list[str]  # lines of the divisions that the office does not have
    only_here: list[str]  # lines of the office that no division has, or has no longer

    @property
    def title(self) -> str:
        return TITLES[self.part]


def changes_from_divisions(office: WeeklySummary, divisions: Iterable[WeeklySummary]) -> list[PartChange]:
    """Part by part, those alone in which anything differs."""
    anew = of_the_office(divisions)
    changes = []
    for part in PARTS:
        here = [line for line in getattr(office, part).splitlines() if line.strip()]
        there = anew[part].splitlines()
        change = PartChange(
            part,
            added=[line for line in there if line not in here],
            only_here=[line for line in here if line not in there],
        )
        if change.added or change.only_here:
            changes.append(change)
    return changes
