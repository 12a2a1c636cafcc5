"""Planning an inspection, holding it, writing down what was found, concluding it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.actions.recording import as_changes, done_to, record
from accounts.models import Division, Organization, User
from cppcc_office.lib.errors import Stale
from supervision.inspections import rules
from supervision.inspections.enums import Means
from supervision.inspections.kinds import INSPECTION_BEGUN
from supervision.inspections.models import Finding, Inspection, InspectionMember, InspectionObject
from supervision.inspections.workflow import INSPECTION_MOVES
from supervision.notifications.actions.telling import Telling, tell
from supervision.notifications.queries.people import heads_of
from tasks.actions.follow_ups import register_follow_up
from tasks.actions.recording import refuse_if
from tasks.models import KeyTask

_SPACES_AND_MARKS = re.compile(r"[\W_]+")
_KEY_LENGTH = 80


@dataclass(frozen=True)
class Outsider:
    """A member of another unit, in a joint inspection."""

    name: str
    unit: str


@dataclass(frozen=True)
class InspectionDraft:
    """An inspection as planned. `head` is one of `members` or of `outsiders`."""

    title: str
    basis: str
    starts_on: date
    ends_on: date
    divisions: Sequence[Division]
    members: Sequence[User]
    head: User | Outsider | None
    key_task: KeyTask | None = None
    matter: str = ""
    means: Sequence[Means] = ()
    plan: str = ""
    outsiders: Sequence[Outsider] = field(default_factory=tuple)

    @property
    def matter_words(self) -> str:
        return (self.key_task.title if self.key_task else self.matter).strip()[:200]

    @property
    def matter_key(self) -> str:
        return matter_key_of(self.key_task, self.matter)


def matter_key_of(key_task: KeyTask | None, matter: str) -> str:
    """The same for the same matter, however it was spaced and pointed; "" where nothing is said."""
    return f"key-task-{key_task.pk}" if key_task is not None else bare(matter)[:_KEY_LENGTH]


def bare(words: str) -> str:
    """Without spaces and marks, so that the same words are known again."""
    return _SPACES_AND_MARKS.sub("", words)


@transaction.atomic
def plan_inspection(organization: Organization, draft: InspectionDraft, *, by: User, now: datetime) -> Inspection:
    """立项. Raises Refused with everything that is wrong, among it an object already inspected in this matter."""
    today = timezone.localdate(now)
    _hold(organization.pk)
    refuse_if(rules.who_holds(by, organization.pk, today) or _faults(draft, today))
    inspection = Inspection(
        organization=organization, year=draft.starts_on.year, created_by=by, created_at=now, **_fields(draft)
    )
    inspection.save(force_insert=True)
    _write_rows(inspection, draft)
    _record(inspection, "plan_inspection", f"将专项督查“{inspection.title}”立项", by=by, now=now)
    return inspection


@transaction.atomic
def alter_inspection(
    inspection: Inspection, draft: InspectionDraft, *, by: User, version: int, now: datetime
) -> Inspection:
    """Replace the plan, its group and its objects, until it begins."""
    today = timezone.localdate(now)
    _hold(inspection.organization_id)
    _claim(inspection, version)
    refuse_if(INSPECTION_MOVES["alter"].bars(by, inspection, today) or _faults(draft, today, apart_from=inspection))
    Inspection.objects.filter(pk=inspection.pk).update(year=draft.starts_on.year, **_fields(draft))
    inspection.refresh_from_db()
    inspection.members.all().delete()
    inspection.inspected.all().delete()
    _write_rows(inspection, draft)
    _record(inspection, "alter_inspection", f"修改专项督查“{inspection.title}”的方案", by=by, now=now)
    return inspection


@transaction.atomic
def begin_inspection(inspection: Inspection, *, by: User, version: int, now: datetime) -> Inspection:
    _move(inspection, "begin", by=by, version=version, now=now)
    _record(inspection, "begin_inspection", f"开始专项督查“{inspection.title}”", by=by, now=now)
    tell(_tellings(inspection, by, timezone.localdate(now)), now=now)
    return inspection


def _tellings(inspection: Inspection, by: User, today: date) -> Iterator[Telling]:
    """Its group, and the heads of those inspected. Neither title nor matter is named: this may leave the house."""
    days = "至".join(f"{day.month}月{day.day}日" for day in dict.fromkeys((inspection.starts_on, inspection.ends_on)))
    group = {pk for pk in inspection.members.values_list("user", flat=True) if pk is not None}
    heads = heads_of(list(inspection.inspected.values_list("division", flat=True)), today)
    told = [(pk, f"{days}的专项督查已开始，您在督查组。") for pk in sorted(group - {by.pk})]
    told += [(pk, f"{days}的专项督查已开始，督查对象有您的处室。") for pk in sorted(heads - group - {by.pk})]
    for person_id, words in told:
        yield Telling(
            INSPECTION_BEGUN,
            person_id,
            inspection.organization_id,
            f"inspection-{inspection.pk}",
            words,
            url=reverse("inspection", args=[inspection.pk]),
            subject_id=inspection.pk,
        )


@transaction.atomic
def record_finding(
    inspected: InspectionObject,
    *,
    by: User,
    version: int,
    words: str,
    requirement: str = "",
    person: User | None = None,
    due_on: date | None = None,
    now: datetime,
) -> Finding:
    """What was found at one object; with a requirement it becomes a rectification matter, dated and of one person."""
    inspection, asked = inspected.inspection, Rectification(requirement.strip(), person, due_on)
    _move(inspection, "find", by=by, version=version, now=now, bars=[*_bars_to_say(words), *asked.bars])
    finding = Finding.objects.create(
        organization=inspection.organization,
        inspected=inspected,
        words=words.strip(),
        **_put_in_hand(inspected, asked, by=by, now=now),
        recorded_by=by,
        recorded_at=now,
    )
    said = f"登记专项督查“{inspection.title}”在{inspected.division}的发现"
    _record(inspection, "record_finding", said + ("，要求整改" if asked else ""), by=by, now=now)
    return finding


@transaction.atomic
def correct_finding(
    finding: Finding,
    *,
    by: User,
    version: int,
    words: str,
    requirement: str = "",
    person: User | None = None,
    due_on: date | None = None,
    now: datetime,
) -> Finding:
    """更正, by who recorded it and until the inspection ends; the words before stay in the event.

    A rectification may be added. One in hand is a project by now, and changes as projects do.
    """
    inspected = finding.inspected
    inspection, asked = inspected.inspection, Rectification(requirement.strip(), person, due_on)
    bars = [*rules.bar_to_correct(by, finding), *_bars_to_say(words), *asked.bars]
    if finding.follow_up_id and asked:
        bars.append("整改已另立事项，要求、责任人和时限请在该事项中申请变更")
    _move(inspection, "correct", by=by, version=version, now=now, bars=bars)
    finding.refresh_from_db()
    before = finding.words
    if before == words.strip() and not asked:
        return finding
    Finding.objects.filter(pk=finding.pk).update(
        words=words.strip(), corrected_at=now, **(_put_in_hand(inspected, asked, by=by, now=now) if asked else {})
    )
    finding.refresh_from_db()
    said = f"更正专项督查“{inspection.title}”在{inspected.division}的发现"
    _record(
        inspection,
        "correct_finding",
        said + ("，要求整改" if asked else ""),
        by=by,
        now=now,
        before={"words": before},
        after={"words": finding.words},
    )
    return finding


@dataclass(frozen=True)
class Rectification:
    """What is asked of a division: all three of it, or nothing."""

    requirement: str
    person: User | None
    due_on: date | None

    def __bool__(self) -> bool:
        return bool(self.requirement or self.person or self.due_on)

    @property
    def bars(self) -> list[str]:
        if self.requirement and (self.person is None or self.due_on is None):
            return ["有整改要求的，请写明责任人和整改时限"]
        if self and not self.requirement:
            return ["写了责任人或时限，请写明整改要求"]
        return []


def _bars_to_say(words: str) -> list[str]:
    return [] if words.strip() else ["请写明发现的情况；没有问题的写“未发现问题”"]


def _put_in_hand(inspected: InspectionObject, asked: Rectification, *, by: User, now: datetime) -> dict[str, Any]:
    """Registers the rectification as a matter of its own; what the finding keeps of it."""
    if asked.person is None or asked.due_on is None:
        return {}
    inspection = inspected.inspection
    follow_up, _ = register_follow_up(
        inspection.organization,
        by=by,
        title=f"整改：{asked.requirement}"[:300],
        source_class="上级决策部署",
        paper=f"专项督查“{inspection.title[:180]}”",
        dated_on=timezone.localdate(now),
        division=inspected.division,
        person=asked.person,
        due_on=asked.due_on,
        deliverable="整改报告",
        follows=inspected.inspection.key_task,
        now=now,
    )
    return {
        "requirement": asked.requirement,
        "person": asked.person,
        "due_on": asked.due_on,
        "follow_up": follow_up,
    }


@transaction.atomic
def conclude_inspection(
    inspection: Inspection, *, by: User, version: int, conclusion: str, now: datetime
) -> Inspection:
    """办结, once every object has a finding, be it that there was nothing to find."""
    bars = [] if conclusion.strip() else ["请写明督查结论"]
    _move(
        inspection,
        "conclude",
        by=by,
        version=version,
        now=now,
        bars=bars,
        conclusion=conclusion.strip(),
        concluded_by=by,
        concluded_at=now,
    )
    _record(inspection, "conclude_inspection", f"办结专项督查“{inspection.title}”", by=by, now=now)
    return inspection


@transaction.atomic
def cancel_inspection(inspection: Inspection, *, by: User, version: int, note: str, now: datetime) -> Inspection:
    """取消: what was found stays; its objects may be inspected in the matter by another."""
    _move(inspection, "cancel", by=by, version=version, now=now, bars=[] if note.strip() else ["请写明取消理由"])
    inspection.inspected.update(is_live=False)
    words = f"取消专项督查“{inspection.title}”，理由：{note.strip()}"
    _record(inspection, "cancel_inspection", words, by=by, now=now, after={"note": note.strip()})
    return inspection


def _hold(organization_id: int) -> None:
    """Of two who plan the same matter at once the second is told so, not stopped by the constraint."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def _fields(draft: InspectionDraft) -> dict[str, object]:
    return {
        "title": draft.title.strip(),
        "key_task": draft.key_task,
        "matter": draft.matter_words,
        "basis": draft.basis.strip(),
        "means": [str(means) for means in draft.means],
        "plan": draft.plan.strip(),
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "is_joint": bool(draft.outsiders),
    }


def _faults(draft: InspectionDraft, today: date, *, apart_from: Inspection | None = None) -> list[str]:
    bars = []
    if not draft.title.strip():
        bars.append("请写明督查名称")
    if not draft.matter_key:
        bars.append("请选择督查的重点任务，或写明督查事项")
    if not draft.basis.strip():
        bars.append("请写明立项依据：谁决定开展这次督查")
    if draft.ends_on < draft.starts_on:
        bars.append(f"结束日期 {draft.ends_on:%Y-%m-%d} 早于开始日期 {draft.starts_on:%Y-%m-%d}，请改其中一个")
    if draft.head is not None and draft.head not in [*draft.members, *draft.outsiders]:
        bars.append("组长须是督查组成员，请把他加进督查组")
    bars += rules.bar_own_division(draft.members, draft.divisions, today)
    bars += rules.bar_repeated(
        draft.divisions, year=draft.starts_on.year, matter_key=draft.matter_key, apart_from=apart_from
    )
    return bars


def _write_rows(inspection: Inspection, draft: InspectionDraft) -> None:
    people = [
        InspectionMember(inspection=inspection, user=user, is_head=user == draft.head, order=order)
        for order, user in enumerate(dict.fromkeys(draft.members))
    ]
    outside = [
        InspectionMember(
            inspection=inspection,
            name=row.name.strip(),
            unit=row.unit.strip(),
            is_head=row == draft.head,
            order=len(people) + order,
        )
        for order, row in enumerate(dict.fromkeys(draft.outsiders))
    ]
    InspectionMember.objects.bulk_create([*people, *outside])
    InspectionObject.objects.bulk_create(
        InspectionObject(
            organization_id=inspection.organization_id,
            inspection=inspection,
            division=division,
            year=inspection.year,
            matter_key=draft.matter_key,
        )
        for division in dict.fromkeys(draft.divisions)
    )


def _move(
    inspection: Inspection,
    name: str,
    *,
    by: User,
    version: int,
    now: datetime,
    bars: Sequence[str] = (),
    **fields: object,
) -> None:
    move = INSPECTION_MOVES[name]
    before = Inspection.objects.get(pk=inspection.pk)
    _claim(inspection, version)
    refuse_if([*move.bars(by, before, timezone.localdate(now)), *bars])
    Inspection.objects.filter(pk=inspection.pk).update(state=move.target, **fields)
    inspection.refresh_from_db()


def _claim(inspection: Inspection, version: int) -> None:
    """Of two people who press at once one wins; the other keeps what he typed. Raises Stale."""
    claimed = Inspection.objects.filter(pk=inspection.pk, version=version)
    if not claimed.update(version=F("version") + 1):
        current = Inspection.objects.filter(pk=inspection.pk).values_list("version", flat=True).first()
        done = done_to(inspection)[: max(1, (current or 0) - version)]
        raise Stale(f"专项督查“{inspection.title}”", as_changes(done), version=current)
    inspection.refresh_from_db()


def _record(
    inspection: Inspection,
    verb: str,
    words: str,
    *,
    by: User,
    now: datetime,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> None:
    office = inspection.organization_id
    record(verb, words, by=by, now=now, organization=office, subject=inspection, before=before, after=after)
