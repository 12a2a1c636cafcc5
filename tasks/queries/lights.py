"""亮灯: which light a milestone and a project show on a day, and which rule and date made it so (domain 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from accounts.policies import PolicyValues, calendar_of, policy_of
from cppcc_office.lib.workdays import WorkCalendar
from tasks import pace as pacing
from tasks.enums import CloseOutState, MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, Project, ProjectCoDivision, Target, TargetCount
from tasks.models.project import ProjectQuerySet
from tasks.queries.outlook import counts_of, figures_of, is_extension_in_time

LABELS = {
    "red": "红灯",
    "yellow": "黄灯",
    "blue": "待核实",
    "green": "正常",
    "grey": "暂缓",
    "done": "已销号",
    "none": "未开始",
}
# Which wins when several hold: trouble before waiting before normal.
ORDER = ("red", "yellow", "blue", "green", "none", "done", "grey")


@dataclass(frozen=True)
class Reason:
    """One rule that lights a project: its colour, a word, what and when, and the rule itself."""

    code: str
    label: str
    words: str
    rule: str = ""


@dataclass(frozen=True)
class Light:
    code: str
    label: str
    why: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What a light depends on beside the rows: the day, the calendar and the policy of the office; read once a page."""

    today: date
    calendar: WorkCalendar
    policy: PolicyValues

    @property
    def bounds(self) -> pacing.PaceBounds:
        return pacing.PaceBounds(self.policy.pace_ahead, self.policy.pace_behind, self.policy.pace_far)

    def workdays_since(self, day: date) -> int:
        """Working days after `day` up to today, at least 1 for a day that has passed."""
        return max(1, self.calendar.count(day, self.today))

    def day_of_clock(self, since: date) -> int:
        """Which working day of somebody's own clock this is: the first is the one after `since`, as limits are counted."""
        return max(1, self.calendar.count(since, self.today))

    def workdays_left(self, day: date) -> int:
        return max(0, self.calendar.count(self.today, day))


def ground_of(organization_id: int, today: date) -> Ground:
    return Ground(today, calendar_of(organization_id), policy_of(organization_id))


def for_lights(projects: ProjectQuerySet) -> ProjectQuerySet:
    """With everything that `view_of` reads, in a constant number of queries."""
    return projects.select_related("key_task__category", "plan", "lead_division", "leader", "person").prefetch_related(
        Prefetch("co_division_rows", ProjectCoDivision.objects.select_related("division")),
        Prefetch(
            "targets", Target.objects.prefetch_related(Prefetch("counts", TargetCount.objects.order_by("on", "id")))
        ),
        Prefetch("milestones", Milestone.objects.select_related("division", "person", "target")),
        Prefetch("close_outs", CloseOut.objects.defer("summary", "opinion")),
    )


def milestone_light(milestone: Milestone, project_state: str, ground: Ground) -> Light:
    """The light of one milestone; `why` is the short line under it."""
    if milestone.state == MilestoneState.DONE:
        return Light("done", "已完成", _lateness(milestone))
    if milestone.state == MilestoneState.CANCELLED:
        return Light("grey", "已取消")
    if project_state == ProjectState.DRAFT:
        return Light("none", "未交办")  # nobody has been asked yet, so nobody can be late
    if project_state == ProjectState.SUSPENDED:
        return Light("grey", "暂缓")
    if milestone.state == MilestoneState.REPORTED and milestone.reported_on:
        day = ground.day_of_clock(milestone.reported_on)
        return Light("blue", "待核实", f"第 {day} 天 · 限 {ground.policy.verify_days} 天")
    code, why = _by_dates(milestone, ground)
    if code == "green" and milestone.state == MilestoneState.PENDING:
        return Light("none", "未开始")
    if code == "green" and milestone.state == MilestoneState.AWAITING_HEAD:
        why = "待处室审核"
    return Light(code, LABELS[code], why)


def _by_dates(row: Project | Milestone, ground: Ground) -> tuple[str, str]:
    due_on, warn_on = row.due_on, row.warn_on
    if is_extension_in_time(row):
        return "yellow", "延期待批"
    if due_on is not None and ground.today > due_on:
        late = f"逾期 {ground.workdays_since(due_on)} 个工作日"
        return "red", f"逾期申请，已{late}" if row.extension_asked_on else late
    if due_on is not None and warn_on is not None and ground.today >= warn_on:
        left = ground.workdays_left(due_on)
        if ground.today == due_on:
            return "yellow", "今日到期"
        return "yellow", f"临期 {left} 个工作日" if left else "临期，到期前已无工作日"
    return "green", ""


def _lateness(milestone: Milestone) -> str:
    finished = milestone.finished_on
    if milestone.due_on and finished and finished > milestone.due_on:
        return f"逾期 {(finished - milestone.due_on).days} 天完成"
    return ""


@dataclass(frozen=True)
class TargetView:
    progress: float | None
    time_progress: float | None
    lag: float | None


@dataclass
class ProjectView:
    """A project as every page shows it: light, progress, time progress, milestones done."""

    project: Project
    light: Light
    progress: float | None = None
    time_progress: float | None = None
    pace: pacing.Pace | None = None
    lag: float | None = None
    milestone_lights: dict[int, Light] = field(default_factory=dict)
    targets: dict[int, TargetView] = field(default_factory=dict)
    counted_of: dict[int, pacing.Counted] = field(default_factory=dict)  # per quantitative target
    done: int = 0
    counted: int = 0  # milestones that are not cancelled

    @property
    def lag_class(self) -> str:
        if self.pace is None or self.pace.light == "green":
            return ""
        return "red" if self.pace.light == "red" else "amber"


def view_of(project: Project, ground: Ground) -> ProjectView:
    """Everything derived about one project on the ground's day. Reads what `for_lights` loads; no query of its own."""
    milestones = [m for m in project.milestones.all() if m.state != MilestoneState.CANCELLED]
    targets = list(project.targets.all())
    counted_of = counts_of(project)
    figures = figures_of(project, milestones, counted_of)
    shares = {target.pk: _target_view(figure, ground) for target, figure in zip(targets, figures, strict=True)}
    done_share = pacing.progress(figures)
    time_share = pacing.time_progress(figures, ground.today, ground.calendar)
    lag = pacing.lag(pacing.progress(map(pacing.as_reported, figures)), time_share)
    lights = {m.pk: milestone_light(m, project.state, ground) for m in project.milestones.all()}
    project_pace = pacing.pace_of(lag, ground.bounds) if project.state == ProjectState.IN_PROGRESS else None
    view = ProjectView(
        project=project,
        light=Light("none", "未开始"),
        progress=pacing.points_of(done_share),
        time_progress=pacing.points_of(time_share),
        pace=project_pace,
        lag=pacing.one_decimal(lag) if lag is not None else None,
        milestone_lights=lights,
        targets=shares,
        counted_of=counted_of,
        done=sum(1 for m in milestones if m.is_done),
        counted=len(milestones),
    )
    view.light = _project_light(project, milestones, view, ground)
    return view


def _target_view(figure: pacing.TargetFigure, ground: Ground) -> TargetView:
    expected = pacing.time_progress_of_target(figure, ground.today, ground.calendar)
    lag = pacing.lag(pacing.progress_of_target(pacing.as_reported(figure)), expected)
    return TargetView(
        progress=pacing.points_of(pacing.progress_of_target(figure)),
        time_progress=pacing.points_of(expected),
        lag=pacing.one_decimal(lag) if lag is not None else None,
    )


def _project_light(project: Project, milestones: Iterable[Milestone], view: ProjectView, ground: Ground) -> Light:
    settled = {
        ProjectState.DRAFT: Light("none", "拟立项"),
        ProjectState.SUSPENDED: Light("grey", "暂缓"),
        ProjectState.CLOSED: Light("done", "已销号", _closed_late(project)),
        ProjectState.CANCELLED: Light("grey", "已终止"),
        ProjectState.CARRIED_OVER: Light("grey", "已结转"),
    }.get(ProjectState(project.state))
    if settled is not None:
        return settled
    reasons = [*_own_reasons(project, view, ground), *_milestone_reasons(milestones, view, ground)]
    reasons.sort(key=lambda reason: ORDER.index(reason.code))
    if not reasons:
        return Light("green", LABELS["green"])
    code = reasons[0].code
    short = [reason.label for reason in reasons if reason.code == code]
    label = "待验收" if project.state == ProjectState.CLOSE_OUT_REQUESTED and code == "blue" else LABELS[code]
    return Light(code, label, in_short(list(dict.fromkeys(short))), tuple(reasons))


def _closed_late(project: Project) -> str:
    """By the accepted request, where the division's clock stopped; verifying takes as long as it takes."""
    accepted = next((row for row in project.close_outs.all() if row.state == CloseOutState.ACCEPTED), None)
    return f"逾期 {accepted.days_late} 天完成" if accepted and accepted.days_late else ""


def in_short(reasons: Sequence[str], most: int = 40) -> str:
    """As many whole reasons as a line holds, the first one always; “等” tells that there are more."""
    taken = reasons[0]
    for reason in reasons[1:]:
        if len(taken) + 1 + len(reason) > most:
            return f"{taken} 等 {len(reasons)} 项"
        taken = f"{taken}，{reason}"
    return taken


def _own_reasons(project: Project, view: ProjectView, ground: Ground) -> Iterable[Reason]:
    policy = ground.policy
    if project.state == ProjectState.CLOSE_OUT_REQUESTED:
        yield Reason("blue", "待验收", "已申请销号，处室计时已停", f"督办处 {policy.verify_days} 个工作日内验收")
        return
    code, why = _by_dates(project, ground)
    if is_extension_in_time(project):
        words = f"项目 {project.due_on:%Y-%m-%d} 到期，{project.extension_asked_on:%Y-%m-%d} 申请延期"
        yield Reason(code, why, words, "到期前申请的，决定前不算逾期；不同意的按原时限计")
    elif code != "green" and project.due_on and project.warn_on:
        rule = "过完成时限未销号" if code == "red" else f"到期前 {policy.warn_days} 个工作日亮黄灯（短期项目按末 30%）"
        words = f"项目 {project.due_on:%Y-%m-%d} 到期，预警日 {project.warn_on:%Y-%m-%d}"
        yield Reason(code, why, words, rule)
    if project.state == ProjectState.DISPATCHED and project.dispatched_on:
        waited = ground.calendar.count(project.dispatched_on, ground.today)
        if waited > policy.receive_days:
            words = f"{project.dispatched_on:%Y-%m-%d} 交办，至今未签收"
            yield Reason("yellow", "未签收", words, f"交办后 {policy.receive_days} 个工作日内签收")
    if view.pace is not None and view.pace.light != "green" and view.lag is not None:
        waiting = "（待核实的不算欠）" if any(light.code == "blue" for light in view.milestone_lights.values()) else ""
        words = f"进度 {view.progress:g}%，序时 {view.time_progress:g}%，欠 {view.lag:g}{waiting}"
        rule = f"欠 {policy.pace_behind} 至 {policy.pace_far} 为黄，超过 {policy.pace_far} 为红"
        yield Reason(view.pace.light, f"欠序时 {view.lag:g}", words, rule)


def _milestone_reasons(milestones: Iterable[Milestone], view: ProjectView, ground: Ground) -> Iterable[Reason]:
    for milestone in milestones:
        light = view.milestone_lights[milestone.pk]
        if light.code not in ("red", "yellow", "blue") or not milestone.due_on:
            continue
        if light.code == "blue" and milestone.reported_on:
            words = f"节点“{milestone.title}”{milestone.reported_on:%Y-%m-%d} 报送，处室计时已停"
            yield Reason("blue", "待核实", words, f"督办处 {ground.policy.verify_days} 个工作日内核实")
        else:
            words = f"节点“{milestone.title}”{milestone.due_on:%Y-%m-%d} 到期"
            if is_extension_in_time(milestone):
                words += f"，{milestone.extension_asked_on:%Y-%m-%d} 申请推迟"
            rule = "过完成时限未报送" if light.code == "red" else f"到期前 {ground.policy.warn_days} 个工作日亮黄灯"
            yield Reason(light.code, light.why, words, rule)


def views_of(projects: Iterable[Project], today: date) -> list[ProjectView]:
    """Views of a page of projects loaded by `for_lights`; calendar and policy are read once per organisation."""
    grounds: dict[int, Ground] = {}
    views = []
    for project in projects:
        ground = grounds.get(project.organization_id)
        if ground is None:
            ground = grounds[project.organization_id] = ground_of(project.organization_id, today)
        views.append(view_of(project, ground))
    return views
