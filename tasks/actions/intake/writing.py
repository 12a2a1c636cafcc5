"""Writing an import into its plan: everything in one transaction, in bulk, or nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actions.recording import record
from accounts.models import Event, Organization
from cppcc_office.lib.errors import Refused, Stale
from tasks.actions.intake.checking import Clock, keep_claim
from tasks.actions.intake.comparing import settle_written_meanwhile
from tasks.actions.intake.ledger_rows import backfill_from_ledger
from tasks.actions.intake.revising import revise_project
from tasks.actions.plans import create_plan
from tasks.actions.recording import project_event
from tasks.enums import ImportState, QuotaPeriod, RowDecision, RowStatus
from tasks.models import (
    Category,
    ImportBatch,
    ImportRow,
    KeyTask,
    Milestone,
    Plan,
    Project,
    ProjectCoDivision,
    Source,
    Target,
)
from tasks.models.plan import AD_HOC

NOTHING_MADE: dict[str, list[Any]] = {
    "plans": [],
    "categories": [],
    "key_tasks": [],
    "projects": [],
    "sources": [],
    "links": [],
    "drafts": [],
    "changes": [],
}
COUNTED = ("key_tasks", "projects", "targets", "milestones", "sources", "merged", "revised", "backfilled")
BULK = 500


def write_import(batch: ImportBatch, *, clock: Clock) -> None:
    """Write a claimed batch's rows that have no problem. Fails as a whole: then nothing is written and it says why."""
    now = clock()
    claim = batch.state, batch.claimed_at, batch.version
    try:
        with transaction.atomic():
            # Imports of one office take turns, so that the second sees what the first has written.
            Organization.objects.select_for_update(no_key=True).get(pk=batch.organization_id)
            if unseen := settle_written_meanwhile(batch):
                keep_claim(batch, now=now, state=ImportState.READY, plan=batch.plan, error=_unseen(unseen))
                return
            _Writing(batch, now=now).write()
            left = batch.rows.filter(status__in=[RowStatus.ASK, RowStatus.ERROR], project=None).exists()
            state = ImportState.READY if left else ImportState.WRITTEN
            keep_claim(
                batch,
                now=now,
                state=state,
                plan=batch.plan,
                created=batch.created,
                done=batch.total,
                written_at=now,
                error="",
            )
    except (IntegrityError, Refused, Stale) as failure:
        # Under the claim as it was: if somebody else has it by now, it is not ours to give back.
        batch.state, batch.claimed_at, batch.version = claim
        words = str(failure) if isinstance(failure, Refused | Stale) else "数据与计划中已有的冲突，请核对后重试"
        keep_claim(batch, now=now, state=ImportState.READY, error=f"写入没有成功，什么也没有写入：{words}")
        batch.refresh_from_db()


def _unseen(rows: Sequence[ImportRow]) -> str:
    listed = "、".join(str(row.row) for row in rows[:10])
    more = f"等 {len(rows)} 行" if len(rows) > 10 else " 行"
    return f"没有写入：第 {listed}{more}的任务刚由另一次导入写入计划，内容与本表不同；请核对这几行的修订后再写入"


class _Writing:
    def __init__(self, batch: ImportBatch, *, now: datetime) -> None:
        self.batch, self.now, self.by = batch, now, batch.by
        made = batch.created.get("made", {})
        self.made: dict[str, list[Any]] = {name: list(made.get(name, ())) for name in NOTHING_MADE}
        self.counts: dict[str, int] = {name: batch.created.get(name, 0) for name in COUNTED}
        self.events: list[Event] = []

    def write(self) -> None:
        rows = list(self.batch.rows.filter(status=RowStatus.OK, project=None))
        merged = [row for row in rows if row.decision == RowDecision.MERGE]
        revised = [row for row in rows if row not in merged and row.reading.get("revisions")]
        new = [row for row in rows if row not in merged and row not in revised]
        plan = self._plan()
        sources = self._sources(rows)
        self._create(plan, new, sources)
        self._merge(merged, new, sources)
        self._revise(revised, plan, sources)
        ImportRow.objects.bulk_update(rows, ["project"], batch_size=200)
        ImportRow.objects.bulk_update(revised, ["remarks"], batch_size=200)
        Event.objects.bulk_create(self.events, batch_size=BULK)
        self._backfill(new)
        self.batch.created = {**self.counts, "made": self.made}
        words = f"导入“{self.batch.name}”：新立 {len(new)} 项，并入 {len(merged)} 项，修订 {len(revised)} 项"
        record(
            "write_import", words, by=self.by, now=self.now, organization=self.batch.organization, subject=self.batch
        )

    def _plan(self) -> Plan:
        if self.batch.plan is None:
            year = self.batch.year
            plan = create_plan(self.batch.organization, by=self.by, year=year, name=f"{year}年度任务计划", now=self.now)
            self.batch.plan = plan
            self.made["plans"].append(plan.pk)
        return self.batch.plan

    def _sources(self, rows: Sequence[ImportRow]) -> dict[tuple[int, str], Source]:
        """Each paper, meeting or 批示 the rows name, once, existing ones used again."""
        wanted = dict.fromkeys((each["class_id"], each["name"]) for row in rows for each in row.reading["sources"])
        existing = Source.objects.filter(
            organization=self.batch.organization,
            source_class__in={class_id for class_id, _ in wanted},
            name__in={name for _, name in wanted},
            paper_number="",
            dated_on=None,
        ).order_by("-pk")
        known = {(source.source_class_id, source.name): source for source in existing}
        fresh = [
            Source(organization=self.batch.organization, source_class_id=class_id, name=name)
            for class_id, name in wanted
            if (class_id, name) not in known
        ]
        for source in Source.objects.bulk_create(fresh, batch_size=BULK):
            known[(source.source_class_id, source.name)] = source
            self.made["sources"].append(source.pk)
        self.counts["sources"] += len(fresh)
        return known

    def _categories(self, plan: Plan, rows: Sequence[ImportRow]) -> dict[str, Category]:
        known = {category.name: category for category in plan.categories.all()}
        orders = [category.order for category in known.values() if category.name != AD_HOC]
        wanted = dict.fromkeys(row.reading["category"] or AD_HOC for row in rows)
        fresh = [
            Category(plan=plan, name=name, order=order)
            for order, name in enumerate((name for name in wanted if name not in known), max(orders, default=0) + 1)
        ]
        for category in Category.objects.bulk_create(fresh):
            known[category.name] = category
            self.made["categories"].append(category.pk)
        return known

    def _create(self, plan: Plan, rows: Sequence[ImportRow], sources: dict[tuple[int, str], Source]) -> None:
        key_tasks = self._key_tasks(plan, rows)
        self._link(((key_tasks[row.pk], row) for row in rows), sources)
        places: dict[int, int] = {}
        for row in rows:
            key_task = key_tasks[row.pk]
            place = places[key_task.pk] = places.get(key_task.pk, -1) + 1
            row.project = self._project(plan, key_task, row, place)
        projects = [row.project for row in rows if row.project is not None]
        Project.objects.bulk_create(projects, batch_size=BULK)
        self.made["projects"] += [project.pk for project in projects]
        ProjectCoDivision.objects.bulk_create(
            (
                ProjectCoDivision(project=row.project, division_id=division_id, order=order)
                for row in rows
                if row.project is not None
                for order, division_id in enumerate(row.reading["co_ids"])
            ),
            batch_size=BULK,
        )
        self._trees(rows)
        for row in rows:
            if row.project is not None:
                words = f"由“{self.batch.name}”第 {row.row} 行导入，拟立项"
                self.events.append(project_event(row.project, "import_project", words, by=self.by, now=self.now))
        self.counts["projects"] += len(projects)

    def _key_tasks(self, plan: Plan, rows: Sequence[ImportRow]) -> dict[int, KeyTask]:
        """One for each row; rows that name projects of their own under the same key task share it."""
        categories = self._categories(plan, rows)
        last = KeyTask.objects.filter(plan=plan).order_by("-order").values_list("order", flat=True).first() or 0
        shared: dict[tuple[str, str], KeyTask] = {}
        by_row: dict[int, KeyTask] = {}
        fresh: list[KeyTask] = []
        for row in rows:
            reading = row.reading
            key = (reading["category"], reading["key_task"])
            is_split = reading["key_task"] != reading["title"]
            if is_split and key in shared:
                by_row[row.pk] = shared[key]
                continue
            key_task = KeyTask(
                organization=self.batch.organization,
                plan=plan,
                category=categories[reading["category"] or AD_HOC],
                number=reading["number"],
                title=reading["key_task"],
                order=last + len(fresh) + 1,
            )
            fresh.append(key_task)
            by_row[row.pk] = key_task
            if is_split:
                shared[key] = key_task
        KeyTask.objects.bulk_create(fresh, batch_size=BULK)
        self.made["key_tasks"] += [key_task.pk for key_task in fresh]
        self.counts["key_tasks"] += len(fresh)
        return by_row

    def _link(
        self, pairs: Iterable[tuple[KeyTask, ImportRow]], sources: dict[tuple[int, str], Source], *, note: bool = False
    ) -> None:
        through = KeyTask.sources.through
        wanted = dict.fromkeys(
            (key_task.pk, sources[(each["class_id"], each["name"])].pk)
            for key_task, row in pairs
            for each in row.reading["sources"]
        )
        existing = (
            set(
                through.objects.filter(keytask_id__in={key_task for key_task, _ in wanted}).values_list(
                    "keytask_id", "source_id"
                )
            )
            if note
            else set()
        )
        fresh = [pair for pair in wanted if pair not in existing]
        through.objects.bulk_create(
            (through(keytask_id=key_task, source_id=source) for key_task, source in fresh), batch_size=BULK
        )
        if note:
            self.made["links"] += [list(pair) for pair in fresh]

    def _project(self, plan: Plan, key_task: KeyTask, row: ImportRow, order: int) -> Project:
        reading = row.reading
        return Project(
            organization=self.batch.organization,
            plan=plan,
            key_task=key_task,
            order=order,
            title=reading["title"],
            lead_division_id=reading["lead_id"],
            leader_id=reading["leader_id"],
            person_id=reading["person_id"],
            start_on=date.fromisoformat(reading["start_on"]),
            due_on=date.fromisoformat(reading["due_on"]),
            due_kind=reading["due_kind"],
            due_text=reading["due_text"],
            effect_standard=reading["effect_standard"],
            report_cycle=reading["report_cycle"],
            remark=reading["remark"],
            created_by=self.by,
            created_at=self.now,
        )

    def _trees(self, rows: Sequence[ImportRow]) -> None:
        targets: dict[tuple[int, int], Target] = {}
        for row in rows:
            for place, each in enumerate(row.reading["targets"]):
                targets[(row.pk, place)] = Target(
                    project=row.project,
                    order=place,
                    statement=each["statement"],
                    metric=each["metric"],
                    unit=each["unit"],
                    target_value=Decimal(each["value"]) if each["value"] else None,
                    quota_period=each["period"] or QuotaPeriod.YEAR,
                    rule=each["rule"],
                    is_confirmed=each["is_confirmed"],
                )
        Target.objects.bulk_create(targets.values(), batch_size=BULK)
        milestones = [
            Milestone(
                organization=self.batch.organization,
                project=row.project,
                target=targets[(row.pk, each["target"])],
                order=place,
                title=each["title"],
                checklist=each["checklist"],
                is_recurring=each["recurring"],
                division_id=row.reading["lead_id"],
                person_id=row.reading["person_id"],
                due_on=date.fromisoformat(each["due_on"]) if each["due_on"] else None,
                due_is_confirmed=each["confirmed"],
            )
            for row in rows
            for place, each in enumerate(row.reading["milestones"])
        ]
        Milestone.objects.bulk_create(milestones, batch_size=BULK)
        self.counts["targets"] += len(targets)
        self.counts["milestones"] += len(milestones)

    def _merge(
        self, rows: Sequence[ImportRow], new: Sequence[ImportRow], sources: dict[tuple[int, str], Source]
    ) -> None:
        """三合一: the duty is there already, or in an earlier row, and gets one more source."""
        in_plan = Project.objects.filter(key_task__in={row.match_id for row in rows if row.match_id})
        by_task = {p.key_task_id: p for p in in_plan.select_related("key_task").order_by("-order", "-id")}
        beside = ImportRow.objects.filter(pk__in={row.match_row_id for row in rows if row.match_row_id})
        by_row = {each.pk: each.project for each in beside.select_related("project__key_task")}
        by_row |= {each.pk: each.project for each in new}
        pairs = []
        for row in rows:
            project = by_task.get(row.match_id or 0) or by_row.get(row.match_row_id or 0)
            if project is None:
                raise Refused(f"第 {row.row} 行要并入的任务还没有写入，请先处理那一行，或另立一项")
            row.project = project
            pairs.append((project.key_task, row))
            named = "、".join(each["name"] for each in row.reading["sources"])
            words = f"“{self.batch.name}”第 {row.row} 行并入，增加来源：{named}"
            self.events.append(project_event(project, "merge_import", words, by=self.by, now=self.now))
        self._link(pairs, sources, note=True)
        self.counts["merged"] += len(rows)

    def _revise(self, rows: Sequence[ImportRow], plan: Plan, sources: dict[tuple[int, str], Source]) -> None:
        """A revised table: drafts are changed, for dispatched projects a change request is prepared."""
        if not rows:
            return
        categories = self._categories(plan, rows)
        ids = [row.reading["known_project_id"] for row in rows]
        projects = Project.objects.select_related("key_task", "lead_division", "plan").in_bulk(ids)
        pairs = []
        for row in rows:
            project = projects.get(row.reading["known_project_id"])
            if project is None:
                raise Refused(f"第 {row.row} 行的项目已被删除，请重新导入")
            outcome = revise_project(project, row, self.batch, categories, by=self.by, now=self.now)
            self.made["drafts"] += outcome.drafts
            self.made["changes"] += outcome.changes
            row.project = project
            if any(change["field"] == "source" for change in row.reading["revisions"]) and outcome.drafts:
                pairs.append((project.key_task, row))
        self._link(pairs, sources, note=True)
        self.counts["revised"] += len(rows)

    def _backfill(self, rows: Sequence[ImportRow]) -> None:
        """A ledger in use: what happened before the system knew, with the dates the ledger gives."""
        for row in rows:
            backfill = row.reading["backfill"]
            if not backfill or row.project is None:
                continue
            notes = backfill_from_ledger(row.project, backfill, source=self.batch.name, by=self.by, now=self.now)
            self.counts["backfilled"] += 1
            if notes:
                row.remarks = [*row.remarks, *notes]
                row.save(update_fields=["remarks"])
