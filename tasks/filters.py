"""What the ledger is asked to show; the address bar is its state."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.enums import DIVISION_ROLES, Role
from accounts.models import User
from accounts.standing import standing_of
from tasks.chips import ALL_PLANS, LABELS, MINE, Chip, options_of
from tasks.enums import ProjectState
from tasks.forms.moments import asked_moment
from tasks.models import Project
from tasks.queries.figures import Lines, lines_of
from tasks.queries.ledger.choices import LedgerChoices, PlanChoice, ledger_choices
from tasks.queries.ledger.grounds import Grounds
from tasks.queries.ledger.narrowing import (
    GROUPS,
    NARROWING,
    SORTS,
    Order,
    by_division,
    group_path,
    needing_coordination,
    order_of,
    page_of,
)
from tasks.tables.ledger import BY_KEY, Column, chosen_columns

MOST_CHOSEN = 500
MOST_SORTS = 3
DEFAULT_GROUP = "category"
SWITCHES = {"coordination": "1", "waiting": "confirm", "co": "1"}
# What says how it is shown, not what is shown.
MANNERS = ("sort", "group", "columns", "page", "print", "as_of", "known_by")


class LedgerFilter:
    """Reads the address once. What it does not know is named in `unknown` and left out, never an error."""

    def __init__(self, data: QueryDict, *, user: User, today: date) -> None:
        self.data = data
        self.user = user
        self.today = today
        self.choices: LedgerChoices = ledger_choices(user, today)
        self.standing = standing_of(user, today=today)
        self.asked = asked_moment(data, today)
        self.moment = self.asked.moment
        self.day = self.moment.day if self.moment else today
        self.grounds = Grounds(self.day)
        self._unknown: dict[str, None] = {}
        self.plan = self._chosen_plan()
        sees_drafts = Role.SECRETARIAT in self.standing.roles() and self.moment is None
        self.options = options_of(self.choices, self.plan, sees_drafts=sees_drafts)
        self.given: dict[str, tuple[str, ...]] = {}
        self._read()
        self.sort = self._read_sort()
        group = data.get("group") or DEFAULT_GROUP
        self.group = group if group in GROUPS else DEFAULT_GROUP
        self._note("group", group in GROUPS)
        keys = _split(data.getlist("columns"))
        self._note("columns", all(key in BY_KEY for key in keys))
        self.column_keys = tuple(key for key in keys if key in BY_KEY)
        self.columns: tuple[Column, ...] = chosen_columns(self.column_keys)

    # What is asked for

    def _chosen_plan(self) -> PlanChoice | None:
        asked = self.data.get("plan") or ""
        if not asked:
            return self.choices.first_plan(self.today.year)
        found = next((plan for plan in self.choices.plans if str(plan.pk) == asked), None)
        self._note("plan", found is not None or asked == ALL_PLANS)
        return found

    def _read(self) -> None:
        for name, options in self.options.items():
            if name == "plan":
                continue
            asked = self.data.getlist(name)
            if name == "division":
                asked = [*asked, *self.data.getlist("lead")]  # as pages of figures call it
            values = [value for value in asked if value] if name == "category" else _split(asked)
            known = {value for value, _ in options}
            self._note(name, all(value in known for value in values))
            self._give(name, dict.fromkeys(value for value in values if value in known))
        for name in ("due_from", "due_to"):
            text = (self.data.get(name) or "").strip()
            self._note(name, not text or _is_day(text))
            self._give(name, [text] if _is_day(text) else [])
        for name, value in SWITCHES.items():
            asked_value = self.data.get(name)
            self._note(name, asked_value in (None, "", value))
            self._give(name, [value] if asked_value == value else [])
        ids = _split(self.data.getlist("chosen"))[:MOST_CHOSEN]
        self._note("chosen", all(_is_id(value) for value in ids))
        self._give("chosen", [value for value in ids if _is_id(value)])
        self._give("q", [self.text] if self.text else [])

    def _read_sort(self) -> list[tuple[str, bool]]:
        asked = _split(self.data.getlist("sort"))
        keys = {key.removeprefix("-"): key.startswith("-") for key in reversed(asked)}
        self._note("sort", all(key in SORTS for key in keys))
        return [(key, keys[key]) for key in reversed(keys) if key in SORTS][:MOST_SORTS]

    def _give(self, name: str, values: Iterable[str]) -> None:
        if kept := tuple(values):
            self.given[name] = kept

    def _note(self, name: str, is_known: bool) -> None:  # a finding, not a switch
        if not is_known:
            self._unknown[name] = None

    @property
    def unknown(self) -> list[str]:
        """What the address asks for and nobody knows, by its labels."""
        return [LABELS[name] for name in self._unknown]

    @property
    def text(self) -> str:
        return str(self.data.get("q", "")).replace("\x00", "").strip()[:200]

    # What is left

    @property
    def lines(self) -> Lines:
        """Projects today, or revisions of the day asked for, that this person sees and the filter leaves."""
        own = self.standing.organizations_as(*DIVISION_ROLES)
        open_offices = {pk for pk in own if self.grounds.of(pk).policy.others_see_main_columns}
        seen = Project.objects.visible_to(self.user, self.today, open_offices=open_offices)
        lines = lines_of(seen, self.today, self.moment)
        if self.moment is not None:  # nobody had been asked to do it yet
            lines = Lines(lines.rows.exclude(state=ProjectState.DRAFT), lines.today, lines.to_project)
        if self.plan is not None:
            lines = NARROWING["plan"](lines, [str(self.plan.pk)])
        for name, values in self.given.items():
            if name in ("co", "due"):
                continue
            if name == "division":
                lines = by_division(lines, values, with_co="co" in self.given)
            elif name == "coordination":
                whole = Project.objects.whole_for(self.user, self.today)
                lines = needing_coordination(lines, whole, self.moment.known_by if self.moment else None)
            else:
                meant = [str(self.user.pk) if value == MINE else value for value in values]
                lines = NARROWING[name](lines, meant)
        if "due" in self.given:
            lines = lines.filter(due_on__range=_span(self.given["due"][0], self.day))
        return lines

    @property
    def order(self) -> Order:
        return order_of(
            Lines(Project.objects.none(), self.day, "project__" if self.moment else ""),
            self.group,
            self.sort,
            one_plan=self.plan is not None,
            all_due=self._has_no_drafts,
        )

    @property
    def _has_no_drafts(self) -> bool:
        states = self.given.get("state", ())
        chosen = bool(states) and ProjectState.DRAFT.value not in states
        return chosen or self.moment is not None or Role.SECRETARIAT not in self.standing.roles()

    def rows_in_order(self, lines: Lines) -> QuerySet[Any]:
        """Everything that is left, in order: what is printed and exported."""
        return self.order.of(lines.rows)

    def page(self, lines: Lines, start: int, stop: int, count: int) -> QuerySet[Any]:
        return page_of(lines, self.order, start, stop, count)

    def group_key(self, lines: Lines) -> str:
        return group_path(lines, self.group)

    # How it is said

    @property
    def plan_name(self) -> str:
        return self.plan.name if self.plan else "全部计划"

    @property
    def plan_code(self) -> str:
        return str(self.plan.pk) if self.plan else ALL_PLANS

    @property
    def first_plan_code(self) -> str:
        """The plan an address without one means: a view saved of it follows the year."""
        first = self.choices.first_plan(self.today.year)
        return str(first.pk) if first else ALL_PLANS

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the plan is asked for."""
        return bool(self.given)

    def chip(self, name: str) -> Chip:
        dates = ("due_from", "due_to") if name == "due" else ()
        clear_url = self.address(**dict.fromkeys((name, *dates)))
        said = self._between if dates and self._is_between else ""
        return Chip(name, LABELS[name], self.options[name], self.given.get(name, ()), name == "due", clear_url, said)

    @property
    def words(self) -> str:
        """What is shown, for the head of a printed sheet."""
        parts = [self.plan_name]
        for name, values in self.given.items():
            if name in self.options:
                labels = [label for value, label in self.options[name] if value in values]
                parts.append(f"{LABELS[name]}：{'、'.join(labels)}")
        if self._is_between:
            parts.append(f"完成时限：{self._between}")
        parts += [LABELS[name] for name in SWITCHES if name in self.given]
        if "chosen" in self.given:
            parts.append(f"所选 {len(self.given['chosen'])} 项")
        if self.text:
            parts.append(f"含“{self.text}”")
        return " · ".join(parts)

    @property
    def _is_between(self) -> bool:
        return "due_from" in self.given or "due_to" in self.given

    @property
    def _between(self) -> str:
        return f"{self.due_from or '…'} 至 {self.due_to or '…'}"

    @property
    def due_from(self) -> str:
        return self.given.get("due_from", ("",))[0]

    @property
    def due_to(self) -> str:
        return self.given.get("due_to", ("",))[0]

    @property
    def sort_text(self) -> str:
        return ",".join(f"-{key}" if down else key for key, down in self.sort)

    # Addresses

    def address(self, **changes: str | Iterable[str] | None) -> str:
        """The same list with these parameters changed (None: without), on its first page."""
        pairs = [(name, value) for name, value in self._pairs() if name not in changes and name != "page"]
        for name, value in changes.items():
            if value is not None:
                pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return f"?{urlencode(pairs)}"

    def only(self, given: Mapping[str, str | Iterable[str]]) -> str:
        """Another view: only these filters, of the same plan and day, arranged as now."""
        kept = [(n, v) for n, v in self._pairs() if n in ("plan", "sort", "group", "columns", "as_of", "known_by")]
        for name, value in given.items():
            kept += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return f"?{urlencode(kept)}"

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.data.lists() for value in values if value != ""]

    @property
    def query_to_keep(self) -> str:
        """What a saved view holds: everything but the page, the past day and the rows ticked."""
        left_out = ("page", "print", "as_of", "known_by", "chosen")
        return urlencode([pair for pair in self._pairs() if pair[0] not in left_out])

    def sort_address(self, key: str) -> str:
        """A click on a head: first up, then down, then no more; the keys before stay as the next ones."""
        now = dict(self.sort)
        others = [(other, down) for other, down in self.sort if other != key]
        wanted = [(key, key in now), *others] if not now.get(key) else others
        names = [f"-{name}" if down else name for name, down in wanted[:MOST_SORTS]]
        return self.address(sort=",".join(names) or None)


def _split(values: Iterable[str]) -> list[str]:
    return [part for value in values for part in value.split(",") if part]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-01")


def _span(name: str, day: date) -> tuple[date, date]:
    """First and last day of the month, quarter or year."""
    if name == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    first = day.replace(day=1)
    if name == "next-month":
        first = _month_after(first)
    if name == "quarter":
        first = first.replace(month=(day.month - 1) // 3 * 3 + 1)
        return first, _month_after(_month_after(_month_after(first))) - timedelta(days=1)
    return first, _month_after(first) - timedelta(days=1)


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
