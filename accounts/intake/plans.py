"""The parts of a staff plan: what is known, what is asked, what each row and each person becomes."""

from dataclasses import dataclass, field

from accounts.enums import DivisionKind, Role
from accounts.intake.sheet import StaffRow

LATER = "later"
OTHER = "other"

# A division as yet only named by the sheet is its name; a known one is its id.
DivisionRef = int | str
Post = tuple[str, DivisionRef | None]


@dataclass(frozen=True)
class KnownPerson:
    id: int
    username: str
    name: str
    title: str = ""
    phone: str = ""
    email: str = ""
    is_active: bool = True
    posts: frozenset[Post] = frozenset()


@dataclass(frozen=True)
class KnownDivision:
    id: int
    name: str
    short_name: str = ""
    kind: str = DivisionKind.OFFICE
    supervises: bool = False
    order: int = 0


@dataclass(frozen=True)
class Directory:
    """Who and what is known; `taken` are the log-in names of every office on this server."""

    people: tuple[KnownPerson, ...] = ()
    divisions: tuple[KnownDivision, ...] = ()
    taken: frozenset[str] = frozenset()
    secretary_general_id: int | None = None


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass
class Question:
    """Something only a person knows. `suggestion` is ticked beforehand and counts only once it is sent back."""

    key: str
    text: str
    choices: list[Choice]
    suggestion: str = ""
    answer: str = ""

    @property
    def shown(self) -> str:
        return self.answer or self.suggestion

    @property
    def is_open(self) -> bool:
        return not self.answer


@dataclass
class DivisionPlan:
    """`ref` is what posts point to: the id of the division it turned out to be, or its own name when new."""

    name: str
    ref: DivisionRef
    people: int
    known: KnownDivision | None = None
    kind: str = ""
    short_name: str = ""
    order: int = 0
    question: Question | None = None
    leader: Question | None = None


@dataclass
class PersonPlan:
    key: str
    known: KnownPerson | None
    username: str
    name: str
    title: str = ""
    phone: str = ""
    email: str = ""
    posts: list[Post] = field(default_factory=list)
    ends: list[Post] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    rows: list[StaffRow] = field(default_factory=list)

    @property
    def status(self) -> str:
        return "new" if self.known is None else "update" if self.words else "same"

    def new_posts(self) -> list[Post]:
        had = self.known.posts if self.known else frozenset()
        return [post for post in self.posts if post not in had]


@dataclass
class RowPlan:
    row: StaffRow
    problems: list[str] = field(default_factory=list)
    question: Question | None = None
    person: PersonPlan | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def role_words(self) -> list[str]:
        return [Role(role).label for role in self.row.roles]

    @property
    def status(self) -> str:
        if self.problems:
            return "error"
        if self.person is None:
            return "ask"
        return self.person.status


@dataclass
class StaffPlan:
    rows: list[RowPlan]
    people: list[PersonPlan]
    divisions: list[DivisionPlan]
    supervises: Question | None
    secretary_general: Question | None
    old_posts: Question | None
    untouched: int = 0

    def count(self, status: str) -> int:
        return sum(1 for row in self.rows if row.status == status)

    @property
    def bars(self) -> list[str]:
        """Why it cannot be written yet, one sentence each; empty means it can."""
        bars = [f"第 {row.row.number} 行：{problem}" for row in self.rows for problem in row.problems]
        bars += [
            f"第 {row.row.number} 行：请确认“{row.row.name}”是不是同一人。" for row in self.rows if row.status == "ask"
        ]
        bars += [
            f"请确认处室“{division.name}”怎样处理。"
            for division in self.divisions
            if division.question and division.question.is_open
        ]
        for question in (self.supervises, self.secretary_general, self.old_posts):
            if question and question.is_open:
                bars.append(question.text)
        return bars

    @property
    def asked_divisions(self) -> list[DivisionPlan]:
        return [division for division in self.divisions if division.question]

    @property
    def new_divisions(self) -> list[DivisionPlan]:
        return [division for division in self.divisions if division.known is None]
