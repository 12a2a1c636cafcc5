"""Change requests as pages show them: every old → new in words, how long they wait, whom they wait for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.standing import standing_of
from tasks.enums import ChangeKind, ChangeState, ChangeTier
from tasks.models import ChangeLine, ChangeRequest, Project
from tasks.queries.lights import Ground
from tasks.queries.project_page import day_words

DATE_FIELDS = frozenset({"due_on", "resume_on"})
SHORT = 16  # characters, old and new together, that stand beside a name on one line of a phone


@dataclass(frozen=True)
class Difference:
    """One old → new; short ones stand on one line."""

    name: str
    old: str
    new: str
    is_short: bool


@dataclass
class Shown:
    """One request as a page tells it."""

    request: ChangeRequest
    heading: str  # 延期申请
    times: int  # the how manieth extension it is; 0 for other kinds
    waited: int  # calendar days since it was asked for
    standing: str  # 逾期申请, 延期待批 and what else must be known before deciding
    is_late: bool
    differences: list[Difference] = field(default_factory=list)

    @property
    def main(self) -> Difference | None:
        """What a list tells of it: the project's own date, else the first."""
        own = (each for each in self.differences if each.name == "项目完成时限")
        return next(own, self.differences[0] if self.differences else None)


def changes_for(user: User, today: date) -> QuerySet[ChangeRequest]:
    """Those of the projects this person reads whole, the latest first."""
    projects = Project.objects.whole_for(user, today).order_by()
    return with_people(ChangeRequest.objects.filter(project__in=projects)).order_by("-asked_at", "-id")


def with_people(requests: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    return requests.select_related(
        "project__lead_division__leader",
        "project__leader",
        "project__key_task",
        "project__plan",
        "asked_by",
        "asked_principal",
        "opinion_by",
        "decided_by",
    ).prefetch_related("lines")


def waiting_for(user: User, today: date) -> QuerySet[ChangeRequest]:
    """What waits for this person's decision, or for the opinion of his office's secretariat; the oldest first.

    For finding only: whether he may, the rules say.
    """
    standing = standing_of(user, today=today)
    secretariat = standing.organizations_as(Role.SECRETARIAT)
    mine = Q(organization__in=secretariat) & (Q(tier=ChangeTier.SECRETARIAT) | Q(opinion="", tier=ChangeTier.LEADER))
    mine &= ~Q(project__lead_division__supervises=True)
    for post in standing.as_role(Role.LEADER):
        mine |= _before_leader(post.organization_id, post.principal_id or user.pk, today)
    own = {user.pk} | standing.principal_ids
    asked = ChangeRequest.objects.filter(state=ChangeState.ASKED).filter(mine)
    asked = asked.exclude(asked_by__in=own).exclude(asked_principal__in=own)
    asked = asked.exclude(project__lead_division__in=standing.division_ids())
    return with_people(asked).order_by("asked_on", "id")


def _before_leader(organization_id: int, leader_id: int, today: date) -> Q:
    """The leader in charge, else the one over the division, else any; as `deciders_of` of the rules has it."""
    in_charge, over = "project__leader", "project__lead_division__leader"
    nobody, nobody_over = ~_can_decide(in_charge, today), ~_can_decide(over, today)
    chosen = Q(**{in_charge: leader_id}) | (nobody & Q(**{over: leader_id})) | (nobody & nobody_over)
    return Q(organization=organization_id, tier=ChangeTier.LEADER) & chosen


def _can_decide(whose: str, today: date) -> Q:
    """Still a leader of the office, not who asked or in whose place, not of the lead division."""
    posts = Membership.objects.on(today).filter(user=OuterRef(whose), user__is_active=True)
    leads = posts.filter(role=Role.LEADER, organization=OuterRef("organization"))
    works = posts.filter(division=OuterRef("project__lead_division"))
    in_whose_place = Q(asked_principal__isnull=False) & Q(asked_principal=F(whose))
    return Q(Exists(leads)) & ~Q(Exists(works)) & ~Q(asked_by=F(whose)) & ~in_whose_place


def shown(request: ChangeRequest, ground: Ground) -> Shown:
    """Reads `lines` and the project; nothing else is asked for."""
    project, extends = request.project, request.kind == ChangeKind.EXTENSION
    is_open = request.state == ChangeState.ASKED
    waited = (ground.today - request.asked_on).days if request.asked_on else 0
    return Shown(
        request=request,
        heading=f"{request.get_kind_display()}申请",
        times=project.extension_count + 1 if extends and is_open else 0,
        waited=waited,
        standing="".join(f"{words}。" for words in _standing(request, ground)) if is_open else "",
        is_late=extends and not request.is_in_time,
        differences=differences_of(request.lines.all(), ground.today),
    )


def _standing(request: ChangeRequest, ground: Ground) -> Iterable[str]:
    project = request.project
    if request.kind == ChangeKind.EXTENSION and request.due_on is not None:
        if request.is_in_time:
            yield "延期待批：到期前申请，决定前不算逾期"
        else:
            yield f"逾期申请：已逾期 {ground.workdays_since(request.due_on)} 个工作日，决定前照计"
    facts = []
    if request.days and request.kind in (ChangeKind.EXTENSION, ChangeKind.RESUMPTION):
        facts.append(f"顺延 {request.days} 个工作日")
    if project.original_due_on and (project.original_due_on != project.due_on or facts):
        facts.append(f"原定时限 {day_words(project.original_due_on, ground.today)}")
    if project.extension_count:
        facts.append(f"已延期 {project.extension_count} 次")
    if facts:
        yield "，".join(facts)


def differences_of(lines: Iterable[ChangeLine], today: date) -> list[Difference]:
    rows = []
    for line in lines:
        old, new = (_words(line, text, today) for text in (line.old, line.new))
        rows.append(Difference(line.label, old, new, len(old) + len(new) <= SHORT))
    return rows


def _words(line: ChangeLine, text: str, today: date) -> str:
    if line.field not in DATE_FIELDS or not text:
        return text
    return day_words(date.fromisoformat(text), today)


def changes_of(project: Project) -> list[ChangeRequest]:
    """Every request of the project, what waits first, then the latest."""
    rows = list(with_people(ChangeRequest.objects.filter(project=project)).order_by("-id"))
    places = {ChangeState.ASKED: 0, ChangeState.PREPARED: 1}
    return sorted(rows, key=lambda row: places.get(ChangeState(row.state), 2))


def counts_by_state(requests: QuerySet[ChangeRequest]) -> dict[str, int]:
    rows = requests.order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def pending_of(rows: Sequence[ChangeRequest]) -> ChangeRequest | None:
    return next((row for row in rows if row.state == ChangeState.ASKED), None)
