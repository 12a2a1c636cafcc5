"""The measured office: ten years of a thousand projects.

Bulk-inserted, because a hundred thousand projects through the actions would take a day; `check_consistency` says
afterwards whether the rows could have come from them.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.enums import DivisionKind, Role
from accounts.models import Division, Membership, Organization, User
from accounts.names import initials_of, pinyin_of
from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions.dates import bring_dates_up_to
from tasks.actions.plans import ensure_source_classes
from tasks.actions.revisions import milestone_revision, project_revision, target_revision
from tasks.enums import CloseOutState, MilestoneState, ProjectState
from tasks.models import (
    Category,
    CloseOut,
    DatesBasis,
    IssuedNumber,
    KeyTask,
    Milestone,
    MilestoneRevision,
    NumberSeries,
    Plan,
    ProgressEntry,
    Project,
    ProjectCoDivision,
    ProjectRevision,
    Source,
    SourceClass,
    Target,
    TargetRevision,
)

PROJECTS = 10_000  # of one office
YEARS = 10
MILESTONES = 6
SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()

DIVISIONS = (
    "督办处", "办公室", "研究室", "人事处", "联络处", "信息中心", "提案委办公室", "经济委办公室", "农业农村委办公室",
    "人口资源环境委办公室", "教科卫体委办公室", "社会法制委办公室", "民族宗教委办公室", "港澳台侨委办公室",
    "文化文史委办公室", "机关党委", "行政处",
)  # fmt: skip
CATEGORIES = ("协商议政", "民主监督", "提案办理", "调查研究", "履职服务", "机关建设")
MATTERS = (
    "营商环境", "养老服务", "乡村振兴", "科技创新", "黑土地保护", "冰雪经济", "文化遗产", "职业教育", "数字政府", "基层治理",
)  # fmt: skip
FORMS = ("专题协商", "对口协商", "民主监督", "重点调研", "界别协商", "提案督办", "视察监督", "远程协商")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ("晓梅", "志强", "建国", "思成", "雨晴", "海涛", "春华", "立新", "文博", "佳宁")


def found_office(today: date) -> Organization:
    """One office with its people, plans and projects, and the outlook of each worked out."""
    chance = random.Random(2026)
    now = datetime.combine(today, time(8), SHANGHAI)
    office = Organization.objects.create(code="bench", name="测速省政协机关", short_name="测速")
    people = _people(office)
    ensure_source_classes(office)
    years = [today.year - back for back in range(YEARS)]
    for year in years:
        with transaction.atomic():
            _plan(office, year, people, today=today, now=now, chance=chance)
    DatesBasis.objects.filter(organization=office).delete()
    bring_dates_up_to(office, now=now, today=today)
    # Working the outlooks out has left a revision of today; history begins with the one before.
    ProjectRevision.objects.filter(organization=office).delete()
    for year in years:
        with transaction.atomic():
            _history(office, year)
    return office


def _people(office: Organization) -> dict[int | None, list[User]]:
    """Per division its head and three of its staff; under None the leaders."""
    chance = random.Random(7)
    password = make_password("Bench-12345")
    people: dict[int | None, list[User]] = {None: []}
    divisions = Division.objects.bulk_create(
        Division(organization=office, name=name, kind=DivisionKind.OFFICE, order=order, supervises=order == 0)
        for order, name in enumerate(DIVISIONS)
    )
    posts: list[tuple[int | None, Role]] = [(None, Role.LEADER)] * 8
    for division in divisions:
        posts += [(division.pk, Role.DIVISION_HEAD), *[(division.pk, Role.STAFF)] * 3]
    for place, (division_id, role) in enumerate(posts):
        name = "张思成" if place == 20 else chance.choice(SURNAMES) + chance.choice(GIVEN)
        pinyin, initials = pinyin_of(name)
        user = User.objects.create(
            username=f"bench{place}",
            password=password,
            name=name,
            pinyin=pinyin,
            initials=initials,
            must_change_password=False,
        )
        Membership.objects.create(
            user=user, organization=office, role=role, division_id=division_id, starts_on=date(2010, 1, 1)
        )
        people.setdefault(division_id, []).append(user)
    return people


def _plan(
    office: Organization,
    year: int,
    people: dict[int | None, list[User]],
    *,
    today: date,
    now: datetime,
    chance: random.Random,
) -> None:
    plan = Plan.objects.create(organization=office, year=year, name=f"{year}年度任务计划", created_at=now)
    categories = Category.objects.bulk_create(
        Category(plan=plan, name=name, order=order) for order, name in enumerate(CATEGORIES)
    )
    sources = Source.objects.bulk_create(
        Source(organization=office, source_class=source_class, name=f"{year}年{source_class.name}")
        for source_class in SourceClass.objects.filter(organization=office)
    )
    per_year = PROJECTS // YEARS
    key_tasks = KeyTask.objects.bulk_create(
        KeyTask(
            organization=office,
            plan=plan,
            category=chance.choice(categories),
            number=str(order + 1),
            title=f"围绕{chance.choice(MATTERS)}开展{chance.choice(FORMS)}",
            order=order,
        )
        for order in range(per_year // 2)
    )
    through = KeyTask.sources.through
    through.objects.bulk_create(
        through(keytask_id=key_task.pk, source_id=source.pk)
        for key_task in key_tasks
        for source in chance.sample(sources, chance.choice((1, 1, 2)))
    )
    supervising, *divisions = [pk for pk in people if pk is not None]
    projects = Project.objects.bulk_create(
        _project(
            office,
            plan,
            key_tasks[order // 2],
            order,
            divisions,
            people,
            supervising,
            today=today,
            now=now,
            chance=chance,
        )
        for order in range(per_year)
    )
    ProjectCoDivision.objects.bulk_create(
        ProjectCoDivision(project=project, division_id=pk, order=place)
        for project in projects
        for place, pk in enumerate(chance.sample(divisions, chance.choice((0, 1, 2))))
        if pk != project.lead_division_id
    )
    _steps(projects, people, today=today, now=now, chance=chance)
    _close_outs(projects, now=now)
    _numbers(office, year, projects, now=now)
    _entries(projects, people, now=now, chance=chance)


def _project(
    office: Organization,
    plan: Plan,
    key_task: KeyTask,
    order: int,
    divisions: Sequence[int],
    people: dict[int | None, list[User]],
    supervising: int,
    *,
    today: date,
    now: datetime,
    chance: random.Random,
) -> Project:
    start = date(plan.year, 1, 5) + timedelta(days=chance.randrange(40))
    due = date(plan.year, 3, 1) + timedelta(days=chance.randrange(300))
    lead = chance.choice(divisions)
    title = f"{key_task.title[2:]}（{chance.choice('一二三四五六七八九')}）"
    project = Project(
        organization=office,
        plan=plan,
        key_task=key_task,
        order=order % 2,
        title=title,
        title_initials=initials_of(title),
        number=f"〔{plan.year}〕{order + 1:03d}号",
        state=ProjectState.IN_PROGRESS,
        lead_division_id=lead,
        leader=chance.choice(people[None]),
        person=chance.choice(people[lead]),
        start_on=start,
        due_on=due,
        original_due_on=due,
        warn_on=CALENDAR.warn_on(start, due),
        created_at=now,
        dispatched_at=now,
        dispatched_by=people[supervising][1],
        dispatched_on=start,
        received_at=now,
    )
    if plan.year < today.year or (due < today and chance.random() < 0.9):
        project.state = ProjectState.CLOSED
        project.closed_on = min(today, due + timedelta(days=chance.choice((-6, -2, 0, 0, 3))))
        project.closed_at, project.closed_by = now, people[supervising][1]
    return project


def _steps(
    projects: Sequence[Project],
    people: dict[int | None, list[User]],
    *,
    today: date,
    now: datetime,
    chance: random.Random,
) -> None:
    targets = Target.objects.bulk_create(
        Target(project=project, statement="形成协商成果并报送", order=order)
        for project in projects
        for order in range(2)
    )
    milestones = []
    for place, target in enumerate(targets):
        project = target.project
        assert project.start_on is not None
        assert project.due_on is not None
        span = max(1, (project.due_on - project.start_on).days)
        for step in range(MILESTONES // 2):
            number = (place % 2) * (MILESTONES // 2) + step + 1
            due = project.start_on + timedelta(days=span * number // MILESTONES)
            done = project.state == ProjectState.CLOSED or (due < today and chance.random() < 0.93)
            milestones.append(
                Milestone(
                    organization_id=project.organization_id,
                    project=project,
                    target=target,
                    order=step,
                    title=f"{['拟定方案', '开展调研', '组织协商', '起草报告', '征求意见', '报送成果'][number - 1]}",
                    state=MilestoneState.DONE if done else MilestoneState.IN_PROGRESS,
                    division_id=project.lead_division_id,
                    person=chance.choice(people[project.lead_division_id]),
                    due_on=due,
                    original_due_on=due,
                    warn_on=CALENDAR.warn_on(project.start_on, due),
                    started_at=now,
                    reported_at=now if done else None,
                    reported_by=project.person if done else None,
                    reported_on=due if done else None,
                    done_at=now if done else None,
                    done_by=project.dispatched_by if done else None,
                    done_on=due if done else None,
                )
            )
    Milestone.objects.bulk_create(milestones, batch_size=2_000)


def _close_outs(projects: Sequence[Project], *, now: datetime) -> None:
    closed = [(p, p.closed_on) for p in projects if p.closed_on is not None]
    CloseOut.objects.bulk_create(
        CloseOut(
            organization_id=project.organization_id,
            project=project,
            state=CloseOutState.ACCEPTED,
            summary="已完成",
            requested_by=project.person,
            requested_at=now,
            requested_on=closed_on,
            decided_by=project.closed_by,
            decided_at=now,
            effect="GOOD",
            number=f"销〔{project.plan.year}〕{place + 1}号",
            closed_on=closed_on,
            due_on=project.due_on,
        )
        for place, (project, closed_on) in enumerate(closed)
    )


def _numbers(office: Organization, year: int, projects: Sequence[Project], *, now: datetime) -> None:
    close_outs = CloseOut.objects.filter(project__in=[p.pk for p in projects]).order_by("pk")
    for name, rows in (
        ("PROJECT", [(p.pk, p.number) for p in projects]),
        ("CLOSE_OUT", list(close_outs.values_list("pk", "number"))),
    ):
        NumberSeries.objects.create(organization=office, series=name, year=year, last=len(rows))
        IssuedNumber.objects.bulk_create(
            IssuedNumber(organization=office, series=name, year=year, n=n + 1, text=text, subject_id=pk, issued_at=now)
            for n, (pk, text) in enumerate(rows)
        )


def _entries(
    projects: Sequence[Project], people: dict[int | None, list[User]], *, now: datetime, chance: random.Random
) -> None:
    ProgressEntry.objects.bulk_create(
        ProgressEntry(
            organization_id=project.organization_id,
            project=project,
            by=chance.choice(people[project.lead_division_id]),
            division_id=project.lead_division_id,
            on=project.start_on + timedelta(days=10 * (place + 1)),
            situation=f"已召开第{place + 1}次座谈会，收集意见 {chance.randrange(5, 60)} 条，正在分类整理。",
            created_at=now,
        )
        for project in projects
        if project.start_on is not None
        for place in range(2)
    )


def _history(office: Organization, year: int) -> None:
    """A revision of the day of dispatch and one of the day of the close-out, or of how it stands."""
    projects = list(Project.objects.filter(organization=office, plan__year=year))
    rows = []
    for project in projects:
        settled, closed_on = project.state, project.closed_on
        on = project.dispatched_on
        assert on is not None
        at = datetime.combine(on, time(9), SHANGHAI)
        project.state, project.closed_on = ProjectState.IN_PROGRESS, None
        rows.append(project_revision(project, on=on, now=at, event_id=None))
        project.state, project.closed_on = settled, closed_on
        later = closed_on or on
        rows.append(project_revision(project, on=later, now=datetime.combine(later, time(10), SHANGHAI), event_id=None))
    ProjectRevision.objects.bulk_create(rows, batch_size=1_000)
    MilestoneRevision.objects.bulk_create(
        (
            milestone_revision(m, on=m.due_on or date(year, 1, 1), now=m.started_at, event_id=None)
            for m in Milestone.objects.filter(project__organization=office, project__plan__year=year)
            if m.started_at is not None  # so every one was seeded
        ),
        batch_size=2_000,
    )
    TargetRevision.objects.bulk_create(
        (
            target_revision(t, on=date(year, 1, 5), now=datetime(year, 1, 5, tzinfo=SHANGHAI), event_id=None)
            for t in Target.objects.filter(project__organization=office, project__plan__year=year)
        ),
        batch_size=2_000,
    )
