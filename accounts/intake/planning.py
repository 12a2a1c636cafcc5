"""What the rows of a staff table become beside those already known: new, changed, the same, or a question."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rapidfuzz import fuzz, process

from accounts.enums import DIVISION_ROLES, DivisionKind, Role
from accounts.intake.plans import (
    LATER,
    OTHER,
    Choice,
    Directory,
    DivisionPlan,
    DivisionRef,
    KnownPerson,
    PersonPlan,
    Post,
    Question,
    RowPlan,
    StaffPlan,
)
from accounts.intake.sheet import StaffRow, division_names
from accounts.names import free_login_name


def kind_of(name: str) -> DivisionKind:
    """专委会 by the ending of its office's name; the rest are taken for divisions of the general office."""
    return DivisionKind.COMMITTEE if name.endswith(("委办公室", "委员会办公室")) else DivisionKind.OFFICE


def short_name_of(name: str) -> str:
    return name.removesuffix("办公室") if kind_of(name) == DivisionKind.COMMITTEE else ""


def make_plan(rows: Sequence[StaffRow], directory: Directory, answers: Mapping[str, str]) -> StaffPlan:
    """The whole of the preview. The same rows, directory and answers always give the same plan."""
    divisions = _plan_divisions(rows, directory, answers)
    refs = {division.name: division.ref for division in divisions}
    plans, people = _match(rows, refs, directory, answers)
    old_posts = _settle(people, directory, answers)
    taken = set(directory.taken) | {person.username for person in people if person.username}
    for person in people:
        if not person.username:
            person.username = free_login_name(person.name, taken)
            taken.add(person.username)
            for plan in plans:
                if plan.person is person:
                    plan.notes.append(f"登录名拟用 {person.username}")
    leaders = _leaders(people, directory)
    for division in divisions:
        if division.known is None:
            division.leader = _ask(
                f"leader:{division.name}", f"{division.name}的分管领导", [Choice("", "暂不指定"), *leaders], answers
            )
    known_ids = {person.known.id for person in people if person.known}
    return StaffPlan(
        rows=plans,
        people=people,
        divisions=divisions,
        supervises=_ask_supervises(divisions, directory, answers),
        secretary_general=_ask_secretary_general(people, leaders, directory, answers),
        old_posts=old_posts,
        untouched=sum(1 for person in directory.people if person.id not in known_ids),
    )


def _ask(key: str, text: str, choices: list[Choice], answers: Mapping[str, str], suggestion: str = "") -> Question:
    answer = answers.get(key, "")
    return Question(key, text, choices, suggestion, answer if answer in {c.value for c in choices} else "")


def _plan_divisions(rows: Sequence[StaffRow], directory: Directory, answers: Mapping[str, str]) -> list[DivisionPlan]:
    known = {division.name: division for division in directory.divisions}
    known.update({division.short_name: division for division in directory.divisions if division.short_name})
    order = max((division.order for division in directory.divisions), default=0)
    plans = []
    for name in division_names(rows):
        people = sum(1 for row in rows if row.division == name)
        if name in known:
            plans.append(DivisionPlan(name, known[name].id, people, known[name]))
            continue
        order += 1
        near = process.extract(
            name, {d.id: d.name for d in directory.divisions}, scorer=fuzz.ratio, limit=3, score_cutoff=60
        )
        choices = [Choice(f"NEW:{kind.value}", f"新建：{kind.label}") for kind in DivisionKind]
        choices += [Choice(str(pk), f"就是“{near_name}”") for near_name, _, pk in near]
        # Close to a known name may be a slip of the pen or a new division: nothing is suggested then.
        suggestion = "" if near else f"NEW:{kind_of(name).value}"
        question = _ask(f"division:{name}", f"处室“{name}”", choices, answers, suggestion)
        plan = DivisionPlan(name, name, people, order=order, short_name=short_name_of(name), question=question)
        plan.kind = kind_of(name).value
        if question.answer.startswith("NEW:"):
            plan.kind = question.answer.removeprefix("NEW:")
        elif question.answer:
            plan.known = next(d for d in directory.divisions if str(d.id) == question.answer)
            plan.ref = plan.known.id
        plans.append(plan)
    return plans


def _posts_of(row: StaffRow, refs: Mapping[str, DivisionRef]) -> list[Post]:
    return [(role, refs.get(row.division) if role in DIVISION_ROLES else None) for role in row.roles]


def _match(
    rows: Sequence[StaffRow], refs: Mapping[str, DivisionRef], directory: Directory, answers: Mapping[str, str]
) -> tuple[list[RowPlan], list[PersonPlan]]:
    """Each row to an account: by log-in name, else by name and post, else by asking."""
    plans = {row.index: RowPlan(row, list(row.problems), notes=list(row.notes)) for row in rows}
    accounts: dict[str, PersonPlan] = {}
    by_username = {person.username: person for person in directory.people}
    by_login: dict[str, StaffRow] = {}

    def give(plan: RowPlan, key: str, known: KnownPerson | None) -> None:
        row = plan.row
        person = accounts.get(key)
        if person is None:
            username = known.username if known else row.login
            person = accounts[key] = PersonPlan(key, known, username, known.name if known else row.name)
        elif row.login and row.login != person.username:
            plan.notes.append(f"以登录名 {person.username or '（待定）'} 登录，不另建 {row.login}")
        person.rows.append(row)
        person.posts += [post for post in _posts_of(row, refs) if post not in person.posts]
        plan.person = person

    for row in rows:
        plan = plans[row.index]
        if plan.problems or not row.login:
            continue
        first = by_login.setdefault(row.login, row)
        known = by_username.get(row.login)
        if first.name != row.name:
            plan.problems.append(f"登录名 {row.login} 与第 {first.number} 行“{first.name}”相同，请改其中一个。")
        elif known is not None and known.name != row.name:
            plan.problems.append(f"登录名 {row.login} 已是“{known.name}”的；若是改名，请先在人员页面改姓名。")
        elif known is not None:
            give(plan, f"u{known.id}", known)
        elif row.login in directory.taken:
            plan.problems.append(f"登录名 {row.login} 已被别的机关使用，请换一个。")
    claimed = {person.known.id: set(person.posts) for person in accounts.values() if person.known}

    for row in rows:
        plan = plans[row.index]
        if plan.problems or plan.person:
            continue
        if row.login and by_login[row.login] is not row and plans[by_login[row.login].index].person:
            first_person = plans[by_login[row.login].index].person
            give(plan, first_person.key, first_person.known)  # type: ignore[union-attr]  # looked at just above
            continue
        posts = set(_posts_of(row, refs))
        namesakes = [person for person in directory.people if person.name == row.name]
        # The very post this row speaks of, and no other row has spoken for it.
        exact = [
            person
            for person in namesakes
            if posts <= person.posts
            and not posts & claimed.get(person.id, set())
            and (not row.login or person.id in claimed)
        ]
        if len(exact) == 1:
            give(plan, f"u{exact[0].id}", exact[0])
            continue
        _decide(plan, namesakes, accounts, answers, give, directory)
    return [plans[row.index] for row in rows], list(accounts.values())


def _decide(
    plan: RowPlan,
    namesakes: Sequence[KnownPerson],
    accounts: Mapping[str, PersonPlan],
    answers: Mapping[str, str],
    give: "_Give",
    directory: Directory,
) -> None:
    row = plan.row
    names = {division.id: division.name for division in directory.divisions}
    candidates: dict[str, tuple[str, KnownPerson | None]] = {}
    for person in namesakes:
        where = "、".join(post_words(post, names) for post in sorted(person.posts, key=str)) or "现无任职"
        candidates[f"u{person.id}"] = (f"{where}（登录名 {person.username}）", person)
    for key, account in accounts.items():
        if account.name == row.name and key not in candidates:
            first = account.rows[0]
            login = f"，登录名 {first.login}" if first.login else ""
            candidates[key] = (f"第 {first.number} 行 {first.division or first.title}{login}", account.known)
    if not candidates:
        give(plan, f"r{row.index}", None)
        return
    choices = [Choice(key, f"同一人：{label}") for key, (label, _) in candidates.items()]
    choices.append(Choice(OTHER, "另一人：新建账号"))
    # A log-in name of one's own in the same sheet speaks for two people, but only the office knows.
    suggestion = OTHER if row.login else ""
    plan.question = _ask(f"same:{row.index}", f"“{row.name}”有同名的人", choices, answers, suggestion)
    if plan.question.answer == OTHER:
        give(plan, f"r{row.index}", None)
    elif plan.question.answer:
        give(plan, plan.question.answer, candidates[plan.question.answer][1])


class _Give(Protocol):
    """How `_decide` hands a row to an account."""

    def __call__(self, plan: RowPlan, key: str, known: KnownPerson | None) -> None: ...


def post_words(post: Post, names: Mapping[int, str]) -> str:
    role, ref = post
    where = names.get(ref, "") if isinstance(ref, int) else ref or ""
    return f"{where} {Role(role).label}".strip()


def _settle(
    people: Iterable[PersonPlan],
    directory: Directory,
    answers: Mapping[str, str],
) -> Question | None:
    """Fill in what each person becomes, and in words what changes for those already known."""
    names: dict[int, str] = {division.id: division.name for division in directory.divisions}
    movers = []
    for person in people:
        # A leader's line says more about a person than a line in a division.
        lines = sorted(person.rows, key=lambda row: Role.LEADER not in row.roles)
        title = next((row.title for row in lines if row.title), "")
        phone = next((row.phone for row in lines if row.phone), "")
        email = next((row.email for row in lines if row.email), "")
        known = person.known
        person.title = title or (known.title if known else "")
        person.phone = phone or (known.phone if known else "")
        person.email = email or (known.email if known else "")
        if known is None:
            continue
        for label, old, new in (
            ("职务", known.title, person.title),
            ("手机", known.phone, person.phone),
            ("邮箱", known.email, person.email),
        ):
            if old != new:
                person.words.append(f"{label}由“{old or '空'}”改为“{new}”")
        person.words += [f"任 {post_words(post, names)}" for post in person.new_posts()]
        # A sheet that gives a person another division says nothing about posts outside divisions.
        if any(role in DIVISION_ROLES for role, _ in person.posts):
            person.ends = [
                post for post in sorted(known.posts, key=str) if post[0] in DIVISION_ROLES and post not in person.posts
            ]
        if person.ends:
            movers.append(person)
    if not movers:
        return None
    who = "、".join(person.name for person in movers[:5])
    question = _ask(
        "old_posts",
        f"{who}{f'等 {len(movers)} 人' if len(movers) > 5 else ''}原来的任职不在表中，请选定：结束，还是保留（兼任）。",
        [Choice("end", "结束原任职（调动）"), Choice("keep", "保留原任职（兼任）")],
        answers,
    )
    for person in movers:
        if question.answer == "keep":
            person.ends = []
        else:
            person.words += [f"不再任 {post_words(post, names)}" for post in person.ends]
    return question


def _leaders(people: Iterable[PersonPlan], directory: Directory) -> list[Choice]:
    leaders = {
        f"u{person.id}": f"{person.name}（{person.title or '领导'}）"
        for person in directory.people
        if any(role == Role.LEADER for role, _ in person.posts)
    }
    for person in people:
        if any(role == Role.LEADER for role, _ in person.posts):
            leaders[person.key] = f"{person.name}（{person.title or '领导'}）"
    return [Choice(key, label) for key, label in leaders.items()]


def _ask_supervises(
    divisions: Sequence[DivisionPlan], directory: Directory, answers: Mapping[str, str]
) -> Question | None:
    if any(division.supervises for division in directory.divisions):
        return None
    options = {str(division.id): division.name for division in directory.divisions}
    options |= {division.name: division.name for division in divisions if division.known is None}
    named = [value for value, name in options.items() if "督办" in name or "督查" in name]
    return _ask(
        "supervises",
        "请选定负责督办的处室：该处室的人都是督办人员。",
        [*(Choice(value, name) for value, name in options.items()), Choice(LATER, "以后在处室页面指定")],
        answers,
        named[0] if len(named) == 1 else "",
    )


def _ask_secretary_general(
    people: Sequence[PersonPlan], leaders: list[Choice], directory: Directory, answers: Mapping[str, str]
) -> Question | None:
    if directory.secretary_general_id is not None:
        return None
    titled = [person.key for person in people if person.title == "秘书长"]
    titled += [
        f"u{person.id}" for person in directory.people if person.title == "秘书长" and f"u{person.id}" not in titled
    ]
    return _ask(
        "secretary_general",
        "请选定秘书长。",
        [*leaders, Choice(LATER, "以后在处室页面指定")],
        answers,
        titled[0] if len(titled) == 1 and titled[0] in {c.value for c in leaders} else "",
    )
