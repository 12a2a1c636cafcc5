"""Taking a staff table in: opened, answered, then written all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import rules
from accounts.actions.people import ALWAYS, close_posts
from accounts.actions.recording import event, record
from accounts.enums import Role, StaffImportState
from accounts.intake.planning import make_plan
from accounts.intake.plans import LATER, DivisionRef, PersonPlan, Post, StaffPlan
from accounts.intake.sheet import LeftOut, StaffRow
from accounts.models import Division, Event, Membership, Organization, StaffImport, User
from accounts.names import pinyin_of
from accounts.passwords import encode_temporary, temporary_password
from accounts.queries import directory_of
from cppcc_office.lib.errors import Refused, Stale

# The questions that are not about one row or one division.
SINGLE_QUESTIONS = frozenset({"supervises", "secretary_general", "old_posts"})


@dataclass(frozen=True)
class NewAccount:
    """Shown once, right after the import; only the encoded password is kept."""

    name: str
    username: str
    where: str
    password: str


@transaction.atomic
def open_staff_import(
    organization: Organization,
    *,
    file_name: str,
    rows: Sequence[StaffRow],
    left_out: Sequence[LeftOut],
    by: User,
    now: datetime,
    today: date,
) -> StaffImport:
    if bars := rules.bar_to_administer(by, organization.pk, today=today):
        raise Refused(bars)
    batch = StaffImport.objects.create(
        organization=organization,
        file_name=file_name[:200],
        rows=[row.as_json() for row in rows],
        left_out=[asdict(row) for row in left_out],
        by=by,
        at=now,
    )
    record(
        "open_staff_import",
        f"上传人员表“{batch.file_name}”，{len(rows)} 人",
        by=by,
        now=now,
        organization=organization,
        subject=batch,
    )
    return batch


def plan_of(batch: StaffImport, *, today: date) -> StaffPlan:
    """What the table becomes today; reads only."""
    rows = [StaffRow.from_json(row) for row in batch.rows]
    return make_plan(rows, directory_of(batch.organization, today=today), batch.answers)


@transaction.atomic
def answer_staff_import(
    batch: StaffImport, *, answers: Mapping[str, str], by: User, now: datetime, today: date
) -> None:
    """Keep what was answered; the same answers again write nothing."""
    if bars := rules.bar_to_administer(by, batch.organization_id, today=today):
        raise Refused(bars)
    merged = {**batch.answers, **answers}
    if merged == batch.answers:
        return
    before = batch.answers
    if not StaffImport.objects.filter(pk=batch.pk, state=StaffImportState.OPEN).update(answers=merged):
        raise Stale(f"人员表“{batch.file_name}”")
    batch.answers = merged
    record(
        "answer_staff_import",
        f"核对人员表“{batch.file_name}”",
        by=by,
        now=now,
        organization=batch.organization_id,
        subject=batch,
        before=before,
        after=merged,
    )


@transaction.atomic
def drop_staff_import(batch: StaffImport, *, by: User, now: datetime, today: date) -> None:
    if bars := rules.bar_to_administer(by, batch.organization_id, today=today):
        raise Refused(bars)
    if not StaffImport.objects.filter(pk=batch.pk, state=StaffImportState.OPEN).update(state=StaffImportState.DROPPED):
        raise Stale(f"人员表“{batch.file_name}”")
    words = f"放弃人员表“{batch.file_name}”"
    record("drop_staff_import", words, by=by, now=now, organization=batch.organization_id, subject=batch)


@transaction.atomic
def write_staff_import(
    batch: StaffImport,
    *,
    by: User,
    now: datetime,
    today: date,
    new_password: Callable[[], str] = temporary_password,
) -> list[NewAccount]:
    """Create and update everybody of the table, or nobody; returns the new accounts with their first passwords."""
    if bars := rules.bar_to_administer(by, batch.organization_id, today=today):
        raise Refused(bars)
    # One staff table at a time per office: the plan below must see what another one has just written.
    organization = Organization.objects.select_for_update().get(pk=batch.organization_id)
    batch.organization = organization
    plan = plan_of(batch, today=today)
    if plan.bars:
        raise Refused(plan.bars)
    created = [person for person in plan.people if person.status == "new"]
    updated = [person for person in plan.people if person.status == "update"]
    claimed = StaffImport.objects.filter(pk=batch.pk, state=StaffImportState.OPEN, answers=batch.answers).update(
        state=StaffImportState.WRITTEN, written_at=now, created_count=len(created), updated_count=len(updated)
    )
    if not claimed:
        raise Stale(f"人员表“{batch.file_name}”")
    writer = _Writer(organization, by=by, now=now, today=today)
    writer.add_divisions(plan)
    accounts = writer.add_people(created, new_password)
    writer.change_people(updated)
    writer.add_posts([*created, *updated])
    writer.name_leaders(plan)
    Event.objects.bulk_create(writer.events)
    record(
        "write_staff_import",
        f"导入人员表“{batch.file_name}”：新建 {len(created)} 人，更新 {len(updated)} 人，"
        f"新建处室 {len(plan.new_divisions)} 个",
        by=by,
        now=now,
        organization=organization,
        subject=batch,
    )
    batch.refresh_from_db()
    return accounts


class _Writer:
    """The one write of a table: what its steps share is the office, the moment and who did it."""

    def __init__(self, organization: Organization, *, by: User, now: datetime, today: date) -> None:
        self.organization = organization
        self.by = by
        self.now = now
        self.today = today
        self.events: list[Event] = []
        self.divisions: dict[DivisionRef, Division] = {d.pk: d for d in organization.divisions.all()}
        self.users: dict[str, User] = {}

    def tell(self, verb: str, words: str, subject: Any, **kwargs: Any) -> None:
        self.events.append(
            event(verb, words, by=self.by, now=self.now, organization=self.organization, subject=subject, **kwargs)
        )

    def words_of(self, post: Post) -> str:
        role, ref = post
        where = self.divisions[ref].name if ref is not None else ""
        return f"{where} {Role(role).label}".strip()

    def add_divisions(self, plan: StaffPlan) -> None:
        for part in plan.new_divisions:
            division = Division.objects.create(
                organization=self.organization,
                name=part.name,
                short_name=part.short_name[:20],
                kind=part.kind,
                order=part.order,
            )
            self.divisions[part.name] = division
            self.tell("add_division", f"新建处室{part.name}（{division.get_kind_display()}）", division)

    def add_people(self, people: Sequence[PersonPlan], new_password: Callable[[], str]) -> list[NewAccount]:
        passwords = [new_password() for _ in people]
        users = []
        for person, password in zip(people, passwords, strict=True):
            pinyin, initials = pinyin_of(person.name)
            users.append(
                User(
                    username=person.username,
                    name=person.name,
                    pinyin=pinyin,
                    initials=initials,
                    title=person.title,
                    phone=person.phone,
                    email=person.email,
                    password=encode_temporary(password),
                )
            )
        User.objects.bulk_create(users)
        accounts = []
        for person, user, password in zip(people, users, passwords, strict=True):
            self.users[person.key] = user
            where = "、".join(self.words_of(post) for post in person.posts)
            self.tell("add_person", f"新建人员{user.name}（{user.username}）：{where}", user, after={"posts": where})
            accounts.append(NewAccount(user.name, user.username, where, password))
        return accounts

    def change_people(self, people: Sequence[PersonPlan]) -> None:
        known_ids = {person.key: person.known.id for person in people if person.known}
        known = User.objects.in_bulk(known_ids.values())
        ended: list[Membership] = []
        for person in people:
            user = self.users[person.key] = known[known_ids[person.key]]
            before = {field: getattr(user, field) for field in ("title", "phone", "email")}
            user.title, user.phone, user.email = person.title, person.phone, person.email
            held = Membership.objects.on(self.today).filter(user=user, organization=self.organization)
            ended += [m for m in held if (m.role, m.division_id) in person.ends]
            self.tell(
                "edit_person",
                f"按人员表更新{user.name}（{user.username}）：{'；'.join(person.words)}",
                user,
                before=before,
                after={"title": user.title, "phone": user.phone, "email": user.email},
            )
        User.objects.bulk_update(known.values(), ["title", "phone", "email"])
        close_posts(ended, today=self.today)

    def add_posts(self, people: Sequence[PersonPlan]) -> None:
        posts = []
        for person in people:
            # A first list says who is who since long ago; a change of somebody known begins today.
            starts_on = ALWAYS if person.known is None else self.today
            for role, ref in person.new_posts():
                division = self.divisions[ref] if ref is not None else None
                posts.append(
                    Membership(
                        user=self.users[person.key],
                        organization=self.organization,
                        division=division,
                        role=role,
                        starts_on=starts_on,
                    )
                )
        Membership.objects.bulk_create(posts)

    def name_leaders(self, plan: StaffPlan) -> None:
        """分管领导, the supervising division and the 秘书长, each as answered."""
        for part in plan.new_divisions:
            if part.leader and part.leader.answer:
                division, leader = self.divisions[part.name], self.user_of(part.leader.answer)
                division.leader = leader
                division.save(update_fields=["leader"])
                self.tell("edit_division", f"{part.name}的分管领导为{leader.name}", division)
        answer = plan.supervises.answer if plan.supervises else LATER
        if answer != LATER:
            division = self.divisions[int(answer) if answer.isdigit() else answer]
            division.supervises = True
            division.save(update_fields=["supervises"])
            self.tell("edit_division", f"{division.name}负责督办", division, after={"supervises": True})
        answer = plan.secretary_general.answer if plan.secretary_general else LATER
        if answer != LATER:
            person = self.user_of(answer)
            self.organization.secretary_general = person
            self.organization.save(update_fields=["secretary_general"])
            self.tell("set_secretary_general", f"秘书长为{person.name}", self.organization)

    def user_of(self, key: str) -> User:
        return self.users.get(key) or User.objects.get(pk=int(key.removeprefix("u")))
