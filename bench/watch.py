"""The daily watch over many open milestones, beside one INSERT … SELECT of the same rows; raw SQL is the yardstick only."""

import random
import resource
import time
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.enums import DivisionKind, Role
from accounts.models import Division, Membership, Organization, User
from accounts.policies import calendar_of
from supervision.cycles.actions.watch import LABELS, WAITING, watch
from supervision.cycles.enums import Cycle, RunState
from supervision.cycles.kinds import DAILY_WATCH
from supervision.cycles.models import CycleRun
from supervision.cycles.queries.watch import seen_before, spans_of
from supervision.notifications.models import Notification
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Category, KeyTask, Milestone, Plan, Project, Target

PER_PERSON = 10  # open milestones
PER_DIVISION = 50  # people
PIECE = 5_000


def watch_prepare(milestones: int) -> dict[str, Any]:
    """An office of that many open milestones, ten a person, due from two months ago until five months ahead."""
    call_command("migrate", verbosity=0)
    code = f"watch-{milestones}"
    if Organization.objects.filter(code=code).exists():
        return {"milestones": milestones}
    now = timezone.now()
    with transaction.atomic():
        office = Organization.objects.create(code=code, name="巡查测速政协机关")
        staff = _people(office, milestones // PER_PERSON)
        _work(office, staff, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"milestones": milestones, "people": milestones // PER_PERSON}


def _people(office: Organization, count: int) -> list[tuple[User, Division]]:
    divisions = Division.objects.bulk_create(
        Division(organization=office, name=f"第{n + 1}处", kind=DivisionKind.OFFICE, order=n, supervises=n == 0)
        for n in range(max(2, count // PER_DIVISION))
    )
    people = User.objects.bulk_create(
        (User(username=f"{office.code}-{n}", password="!", name=f"测速{n}") for n in range(count)), batch_size=PIECE
    )
    placed = [(person, divisions[n % len(divisions)]) for n, person in enumerate(people)]
    Membership.objects.bulk_create(
        (
            Membership(
                user=person,
                organization=office,
                division=division,
                role=Role.DIVISION_HEAD if n < len(divisions) else Role.STAFF,
            )
            for n, (person, division) in enumerate(placed)
        ),
        batch_size=PIECE,
    )
    return placed


def _work(office: Organization, staff: list[tuple[User, Division]], now: datetime) -> None:
    chance, today = random.Random(11), timezone.localdate(now)
    plan = Plan.objects.create(organization=office, year=today.year, name="测速计划", created_at=now)
    category = Category.objects.create(plan=plan, name="测速")
    key_task = KeyTask.objects.create(organization=office, plan=plan, category=category, number="1", title="测速任务")
    dates = {"start_on": today - timedelta(days=90), "due_on": today + timedelta(days=200)}
    projects = Project.objects.bulk_create(
        (
            Project(
                organization=office,
                plan=plan,
                key_task=key_task,
                order=n,
                title=f"测速项目{n}",
                number=f"〔{today.year}〕{n + 1:05d}号",
                state=ProjectState.DISPATCHED if n % 40 == 0 else ProjectState.IN_PROGRESS,
                lead_division=division,
                person=person,
                original_due_on=dates["due_on"],
                warn_on=dates["due_on"],
                dispatched_on=dates["start_on"],
                created_at=now,
                **dates,
            )
            for n, (person, division) in enumerate(staff)
        ),
        batch_size=PIECE,
    )
    targets = Target.objects.bulk_create(
        (Target(project=project, statement="测速目标") for project in projects), batch_size=PIECE
    )
    Milestone.objects.bulk_create(
        (
            _milestone(target, step, chance.randrange(-60, 150), chance.random(), now)
            for target in targets
            for step in range(PER_PERSON)
        ),
        batch_size=PIECE,
    )


def _milestone(target: Target, step: int, days: int, lot: float, now: datetime) -> Milestone:
    """Of a hundred two wait for a head and two for 核实."""
    project, due_on = target.project, timezone.localdate(now) + timedelta(days=days)
    reported = {"reported_at": now, "reported_by": project.person, "reported_on": timezone.localdate(now)}
    state = MilestoneState.IN_PROGRESS
    if lot < 0.04:
        state = MilestoneState.REPORTED if lot < 0.02 else MilestoneState.AWAITING_HEAD
    return Milestone(
        organization_id=project.organization_id,
        project=project,
        target=target,
        order=step,
        title=f"测速节点{step}",
        state=state,
        division_id=project.lead_division_id,
        person=project.person,
        due_on=due_on,
        original_due_on=due_on,
        warn_on=due_on,
        **(reported if state == MilestoneState.REPORTED else {}),
    )


def watch_run(milestones: int) -> dict[str, Any]:
    """The watch as the engine runs it; each time as if it were the first of the day."""
    run, now = _fresh(milestones), timezone.now()
    reverse("watch")  # a worker has loaded its pages long before,
    calendar_of(run.organization_id).add(timezone.localdate(now), 1)  # and asked the calendar at every tick
    before = _peak()
    began = time.perf_counter()
    with transaction.atomic():
        watch(run, now)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "megabytes": _peak(), "before": before} | _told(run)


def watch_insert(milestones: int) -> dict[str, Any]:
    """The same rows by one statement."""
    run, now = _fresh(milestones), timezone.now()
    statement, values = _statement(run, now)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return {"seconds": time.perf_counter() - began} | _told(run)


def _fresh(milestones: int) -> CycleRun:
    office = Organization.objects.get(code=f"watch-{milestones}")
    Notification.objects.filter(organization=office).delete()
    now, today = timezone.now(), timezone.localdate()
    CycleRun.objects.filter(organization=office).delete()
    return CycleRun.objects.create(
        organization=office,
        cycle=Cycle.DAILY,
        starts_on=today,
        ends_on=today,
        due_at=now,
        state=RunState.RUNNING,
        claimed_at=now,
        started_at=now,
    )


def _told(run: CycleRun) -> dict[str, Any]:
    """How many, and what they were told in one sum: the yardstick must measure the same."""
    rows = Notification.objects.filter(organization=run.organization_id).order_by("person")
    said = sha256()
    for person_id, words in rows.values_list("person", "words").iterator():
        said.update(f"{person_id}:{words}\n".encode())
    return {"told": rows.count(), "said": said.hexdigest()[:12]}


def _peak() -> float:
    """Megabytes this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_COLUMNS = "organization_id, person_id, kind, reason, key, words, url, counts, is_urgent, created_at"


def _statement(run: CycleRun, now: datetime) -> tuple[str, dict[str, Any]]:
    """Own lines by person, what waits by division, both put into words, in one go."""
    today = timezone.localdate(now)
    calendar = calendar_of(run.organization_id)
    spans = spans_of(calendar, today, seen_on=seen_before(run, today, calendar))
    values: dict[str, Any] = {
        "office": run.organization_id,
        "today": today,
        "now": now,
        "key": today.isoformat(),
        "end": spans[-1].until,
    }
    sums = []
    for place, span in enumerate(spans):
        values |= {f"s{place}": span.since or today.replace(year=1900), f"u{place}": span.until}
        sums.append(
            f"SUM(CASE WHEN t.due_on >= %(s{place})s AND t.due_on < %(u{place})s THEN 1 ELSE 0 END) AS n{place}"
        )
    labels = [*(LABELS[span.code] for span in spans), WAITING]
    pieces = [f"CASE WHEN n{n} > 0 THEN '、{label} ' || n{n} || ' 项' ELSE '' END" for n, label in enumerate(labels)]
    json = [f"CASE WHEN n{n} > 0 THEN ', [\"{label}\", ' || n{n} || ']' ELSE '' END" for n, label in enumerate(labels)]
    counts = f"'[' || SUBSTR({' || '.join(json)}, 3) || ']'"
    if connection.vendor == "postgresql":
        counts = f"CAST({counts} AS jsonb)"
    posts = (
        "accounts_membership s JOIN accounts_user u ON u.id = s.user_id AND u.is_active"
        " JOIN accounts_division v ON v.id = s.division_id"
        " WHERE s.organization_id = %(office)s AND s.starts_on <= %(today)s"
        " AND (s.ends_on IS NULL OR s.ends_on >= %(today)s)"
    )
    held = "(t.extension_asked_on IS NULL OR t.extension_asked_on > t.due_on)"
    here = "t.organization_id = %(office)s"
    seen = "EXISTS (SELECT 1 FROM {posts} AND s.user_id = t.person_id AND (v.supervises OR s.division_id IN ({of})))"
    quote = connection.ops.quote_name
    statement = f"""
        WITH own AS (
            SELECT t.person_id AS person, {", ".join(sums)} FROM tasks_milestone t
            JOIN tasks_project p ON p.id = t.project_id AND p.state IN ('DISPATCHED', 'IN_PROGRESS')
            WHERE {here} AND t.state IN ('PENDING', 'IN_PROGRESS', 'AWAITING_HEAD') AND t.due_on < %(end)s AND {held}
            AND {seen.format(posts=posts, of="t.division_id, p.lead_division_id")} GROUP BY t.person_id
            UNION ALL
            SELECT t.person_id, {", ".join(sums)} FROM tasks_project t
            WHERE {here} AND t.state IN ('DISPATCHED', 'IN_PROGRESS') AND t.due_on < %(end)s AND {held}
            AND {seen.format(posts=posts, of="t.lead_division_id")} GROUP BY t.person_id
        ), wanted AS (
            SELECT t.lead_division_id AS division, 'ANY' AS whose, COUNT(*) AS n FROM tasks_project t
            WHERE {here} AND t.state = 'DISPATCHED' GROUP BY t.lead_division_id
            UNION ALL SELECT t.lead_division_id, 'HEAD', COUNT(*) FROM tasks_project t
            WHERE {here} AND t.state = 'IN_PROGRESS' AND t.milestones_done > 0
            AND t.milestones_done = t.milestones_counted GROUP BY t.lead_division_id
            UNION ALL SELECT t.division_id, 'HEAD', COUNT(*) FROM tasks_milestone t
            JOIN tasks_project p ON p.id = t.project_id AND p.state = 'IN_PROGRESS'
            WHERE {here} AND t.state = 'AWAITING_HEAD' GROUP BY t.division_id
            UNION ALL SELECT v.id, 'ANY', c.n FROM accounts_division v, (
                SELECT COUNT(*) AS n FROM tasks_milestone t
                JOIN tasks_project p ON p.id = t.project_id AND p.state = 'IN_PROGRESS'
                JOIN accounts_division d ON d.id = t.division_id JOIN accounts_division l ON l.id = p.lead_division_id
                WHERE {here} AND t.state = 'REPORTED' AND NOT d.supervises AND NOT l.supervises
            ) c WHERE v.organization_id = %(office)s AND v.supervises
        ), found AS (
            SELECT person, n0, n1, n2, n3, n4, 0 AS n5 FROM own
            UNION ALL
            SELECT s.user_id, 0, 0, 0, 0, 0, w.n FROM wanted w, {posts}
            AND w.division = s.division_id AND (w.whose = 'ANY' OR s.role = 'DIVISION_HEAD')
        ), told AS (
            SELECT person, SUM(n0) AS n0, SUM(n1) AS n1, SUM(n2) AS n2, SUM(n3) AS n3, SUM(n4) AS n4, SUM(n5) AS n5
            FROM found GROUP BY person
        )
        INSERT INTO notifications_notification ({_COLUMNS}, {quote("on")})
        SELECT %(office)s, person, '{DAILY_WATCH}', 'DEADLINE', %(key)s,
            SUBSTR({" || ".join(pieces)}, 2), '/watch/', {counts}, {"FALSE"}, %(now)s, %(today)s
        FROM told WHERE n0 + n1 + n2 + n3 + n4 + n5 > 0
    """
    return statement, values


WATCH_STEPS = {"watch_prepare": watch_prepare, "watch_run": watch_run, "watch_insert": watch_insert}
