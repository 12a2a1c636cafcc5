"""The tree as typed on the decomposition page: which fields belong to which target and milestone, and how it is rearranged.

Every field of a target is named `t-KEY-…`, of a milestone `m-KEY-…`; `targets` and `t-KEY-nodes` list the keys in
order. A key is the number of a stored row, or n1, n2 … of one not saved yet; it stays the same while things move.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from cppcc_office.lib.errors import Refused
from cppcc_office.lib.workdays import WorkCalendar
from tasks.actions.decomposition import MilestoneDraft, ProjectDraft, TargetDraft
from tasks.deadlines import DeadlineKind, parse_deadline
from tasks.enums import DueKind
from tasks.spreading import spread_dates

_KEY = re.compile(r"n?[0-9]{1,9}")
_NEW = re.compile(r"[tm]-n([0-9]{1,9})-")
MOST_TARGETS, MOST_MILESTONES = 60, 400


def number_of(key: str) -> int:
    """The stored row's number; below zero for one not saved yet."""
    return -int(key[1:]) if key.startswith("n") else int(key)


class TypedTree:
    """Posted data, to be read and rearranged. Nothing here looks at the database."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data.copy()

    @property
    def targets(self) -> list[str]:
        return self._keys("targets")

    def milestones(self, target: str) -> list[str]:
        return self._keys(f"t-{target}-nodes")

    def all_milestones(self) -> list[str]:
        return [node for target in self.targets for node in self.milestones(target)]

    def _keys(self, name: str) -> list[str]:
        return [key for key in dict.fromkeys(self.data.getlist(name)) if _KEY.fullmatch(key)]

    def get(self, name: str) -> str:
        return str(self.data.get(name) or "").strip()

    def is_suggested(self, node: str) -> bool:
        """Whether its date is still the one suggested, which nobody has confirmed or overwritten."""
        suggested = self.get(f"m-{node}-suggested")
        return bool(suggested) and suggested == self.get(f"m-{node}-due") and not self.get(f"m-{node}-confirmed")

    def check_size(self) -> None:
        if len(self.targets) > MOST_TARGETS or len(self.all_milestones()) > MOST_MILESTONES:
            raise Refused(
                f"一个项目最多 {MOST_TARGETS} 个目标、{MOST_MILESTONES} 个节点，请把重点任务拆成几个项目再分解"
            )

    # ── rearranging ──────────────────────────────────────────────────────────

    def new_key(self) -> str:
        # Also those just dropped: their fields are still in the data and must not come back with a new row.
        taken = [int(match[1]) for name in self.data if (match := _NEW.match(name))]
        return f"n{max(taken, default=0) + 1}"

    def target_of(self, node: str) -> str | None:
        return next((target for target in self.targets if node in self.milestones(target)), None)

    def add_target(self) -> str:
        key = self.new_key()
        self.data.setlist("targets", [*self.targets, key])
        self.put(f"t-{key}", weight="1", confirmed="on", period="year")
        self.add_milestone(key)
        return key

    def add_milestone(self, target: str, *, after: str | None = None) -> str:
        """A new milestone with the division and person of the one above it, else of the project."""
        key, nodes = self.new_key(), self.milestones(target)
        like = after or (nodes[-1] if nodes else None)
        division, person = self.get(f"m-{like}-division"), self.get(f"m-{like}-person")
        if like is None:
            division, person = self.get("p-lead_division"), self.get("p-person")
        place = nodes.index(after) + 1 if after in nodes else len(nodes)
        self.data.setlist(f"t-{target}-nodes", [*nodes[:place], key, *nodes[place:]])
        self.put(f"m-{key}", division=division, person=person, weight="1", confirmed="on")
        return key

    def split(self, node: str) -> str | None:
        """A second milestone beneath with the same responsibility and deliverable, for one step that is really two."""
        target = self.target_of(node)
        if target is None:
            return None
        key = self.add_milestone(target, after=node)
        for name in ("title", "deliverable", "weight", "due", "suggested", "confirmed", "recurring", "checklist"):
            self.data.setlist(f"m-{key}-{name}", self.data.getlist(f"m-{node}-{name}"))
        self.data.setlist(f"m-{key}-co_divisions", self.data.getlist(f"m-{node}-co_divisions"))
        return key

    def shift(self, name: str, key: str, by: int) -> None:
        keys = self._keys(name)
        place = keys.index(key)
        other = min(max(place + by, 0), len(keys) - 1)
        keys[place], keys[other] = keys[other], keys[place]
        self.data.setlist(name, keys)

    def drop(self, name: str, key: str) -> str | None:
        """Take a key out of its list; the one that then stands in its place, to keep the eye there."""
        keys = self._keys(name)
        place = keys.index(key)
        keys.remove(key)
        self.data.setlist(name, keys)
        return keys[min(place, len(keys) - 1)] if keys else None

    def put(self, prefix: str, **values: str) -> None:
        for name, value in values.items():
            self.data[f"{prefix}-{name}"] = value


@dataclass(frozen=True)
class Ground:
    """What rearranging needs to know beside what was typed."""

    year: int
    today: date
    calendar: WorkCalendar


def apply_op(tree: TypedTree, op: str, ground: Ground) -> str:
    """Do one op (`milestone-up:12`) to what was typed. Returns the id of the field to go on with, or ''.

    An op about a row that is not there any more changes nothing.
    """
    verb, _, key = op.partition(":")
    if verb in _ON_TREE:
        return _ON_TREE[verb](tree, ground)
    if verb in _ON_TARGET and key in tree.targets:
        return _ON_TARGET[verb](tree, key, ground)
    if verb in _ON_MILESTONE and (target := tree.target_of(key)):
        return _ON_MILESTONE[verb](tree, target, key)
    return ""


def _add_target(tree: TypedTree, _ground: Ground) -> str:
    return f"id_t-{tree.add_target()}-statement"


def _confirm_all(tree: TypedTree, _ground: Ground) -> str:
    for target in tree.targets:
        tree.put(f"t-{target}", confirmed="on")
    for node in tree.all_milestones():
        tree.put(f"m-{node}", confirmed="on")
    return ""


def _fill_responsibility(tree: TypedTree, _ground: Ground) -> str:
    """Milestones without 主办 or person take those of the project."""
    lead, person = tree.get("p-lead_division"), tree.get("p-person")
    for node in tree.all_milestones():
        if not tree.get(f"m-{node}-division"):
            tree.put(f"m-{node}", division=lead)
        if tree.get(f"m-{node}-division") == lead and not tree.get(f"m-{node}-person"):
            tree.put(f"m-{node}", person=person)
    return ""


def _nothing(_tree: TypedTree, _ground: Ground) -> str:
    return ""


def _spread(tree: TypedTree, ground: Ground) -> str:
    """Suggest dates, target by target, between those that stand: what a person wrote or confirmed is left alone."""
    due = _day(tree.get("p-due"), ground.year)
    start = _day(tree.get("p-start"), ground.year) or ground.today
    if due is None:
        return "id_p-due"
    for target in tree.targets:
        run: list[str] = []
        since = max(start, ground.today)
        for node in tree.milestones(target):
            fixed = _day(tree.get(f"m-{node}-due"), ground.year)
            if fixed is None or tree.is_suggested(node):
                run.append(node)
                continue
            _suggest(tree, run, spread_dates(since, fixed, len(run) + 1, ground.calendar)[:-1])
            run, since = [], max(since, fixed)
        dates = spread_dates(since, due, len(run), ground.calendar)
        _suggest(tree, run, dates)
        if run:  # the last step takes the project's own due date, which nobody guessed
            tree.put(f"m-{run[-1]}", suggested="", confirmed="on")
    return ""


def _suggest(tree: TypedTree, nodes: list[str], days: list[date]) -> None:
    for node, day in zip(nodes, days, strict=True):
        tree.data.setlist(f"m-{node}-confirmed", [])
        tree.put(f"m-{node}", due=day.isoformat(), suggested=day.isoformat())


def _day(text: str, year: int) -> date | None:
    return parse_deadline(text, year=year).due_on if text else None


def _add_milestone(tree: TypedTree, target: str, _ground: Ground) -> str:
    return f"id_m-{tree.add_milestone(target)}-title"


def _delete_target(tree: TypedTree, target: str, _ground: Ground) -> str:
    beside = tree.drop("targets", target)
    return f"id_t-{beside}-statement" if beside else ""


def _target_up(tree: TypedTree, target: str, _ground: Ground) -> str:
    tree.shift("targets", target, -1)
    return ""


def _target_down(tree: TypedTree, target: str, _ground: Ground) -> str:
    tree.shift("targets", target, 1)
    return ""


def _occurrences(tree: TypedTree, target: str, ground: Ground) -> str:
    """One milestone per coming occurrence of the project's recurring deadline; the steps become its checklist."""
    deadline = parse_deadline(tree.get("p-due"), year=ground.year)
    if deadline.kind not in (DeadlineKind.RECURRING, DeadlineKind.STANDING):
        return "id_p-due"
    nodes = tree.milestones(target)
    steps = [tree.get(f"m-{node}-title") for node in nodes if not tree.get(f"m-{node}-recurring")]
    checklist = "\n".join(step for step in steps if step) or next(
        (tree.get(f"m-{node}-checklist") for node in nodes), ""
    )
    first = nodes[0] if nodes else None
    division = tree.get(f"m-{first}-division") or tree.get("p-lead_division")
    person = tree.get(f"m-{first}-person") or tree.get("p-person")
    tree.data.setlist(f"t-{target}-nodes", [])
    tree.put(f"t-{target}", rule=deadline.rule)
    start = max(_day(tree.get("p-start"), ground.year) or ground.today, ground.today)
    for day in deadline.occurrences:
        if day < start:
            continue
        key = tree.add_milestone(target)
        title = f"{day.month}月：{tree.get(f't-{target}-statement') or tree.get('p-title')}"[:300]
        tree.put(f"m-{key}", title=title, due=day.isoformat(), recurring="1", checklist=checklist)
        tree.put(f"m-{key}", division=division, person=person)
    return ""


def _milestone_up(tree: TypedTree, target: str, node: str) -> str:
    tree.shift(f"t-{target}-nodes", node, -1)
    return ""


def _milestone_down(tree: TypedTree, target: str, node: str) -> str:
    tree.shift(f"t-{target}-nodes", node, 1)
    return ""


def _milestone_split(tree: TypedTree, _target: str, node: str) -> str:
    return f"id_m-{tree.split(node)}-title"


def _milestone_delete(tree: TypedTree, target: str, node: str) -> str:
    beside = tree.drop(f"t-{target}-nodes", node)
    return f"id_m-{beside}-title" if beside else f"id_t-{target}-statement"


def _milestone_move(tree: TypedTree, target: str, node: str) -> str:
    to = tree.get(f"m-{node}-to")
    if to in tree.targets and to != target:
        tree.drop(f"t-{target}-nodes", node)
        tree.data.setlist(f"t-{to}-nodes", [*tree.milestones(to), node])
    return f"id_m-{node}-title"


_ON_TREE: dict[str, Callable[[TypedTree, Ground], str]] = {
    "target-add": _add_target,
    "confirm-all": _confirm_all,
    "fill": _fill_responsibility,
    "spread": _spread,
    "refresh": _nothing,
}
_ON_TARGET: dict[str, Callable[[TypedTree, str, Ground], str]] = {
    "milestone-add": _add_milestone,
    "target-up": _target_up,
    "target-down": _target_down,
    "target-delete": _delete_target,
    "occurrences": _occurrences,
}
_ON_MILESTONE: dict[str, Callable[[TypedTree, str, str], str]] = {
    "milestone-up": _milestone_up,
    "milestone-down": _milestone_down,
    "milestone-split": _milestone_split,
    "milestone-delete": _milestone_delete,
    "milestone-move": _milestone_move,
}


# ── a stored draft as the page shows it first ────────────────────────────────


def typed_from(draft: ProjectDraft, *, year: int) -> QueryDict:
    """The draft in the names of the form. Rows without a pk (copied ones) get keys of new rows."""
    tree = TypedTree(QueryDict(mutable=True))
    tree.put(
        "p",
        title=draft.title,
        lead_division=str(draft.lead_division_id or ""),
        leader=str(draft.leader_id or ""),
        person=str(draft.person_id or ""),
        start=draft.start_on.isoformat() if draft.start_on else "",
        due=_due_text(draft, year),
        effect_standard=draft.effect_standard,
        report_cycle=draft.report_cycle,
        remark=draft.remark,
    )
    if draft.evidence_required:
        tree.put("p", evidence_required="on")
    tree.data.setlist("p-co_divisions", [str(pk) for pk in draft.co_division_ids])
    for target in draft.targets:
        _put_target(tree, target)
    return tree.data


def _due_text(draft: ProjectDraft, year: int) -> str:
    """The paper's words where they still mean the date that stands, else the date."""
    if draft.due_on is None:
        return ""
    words = draft.due_text if draft.due_kind != DueKind.DATE else ""
    means = _day(words, year)
    return words if means == draft.due_on else draft.due_on.isoformat()


def _put_target(tree: TypedTree, target: TargetDraft) -> None:
    key = str(target.pk) if target.pk else tree.new_key()
    tree.data.setlist("targets", [*tree.targets, key])
    tree.put(
        f"t-{key}",
        statement=target.statement,
        weight=str(target.weight),
        metric=target.metric,
        unit=target.unit,
        value=f"{target.target_value.normalize():f}" if target.target_value is not None else "",
        period=target.quota_period,
        rule=target.rule,
        recognised="" if target.is_confirmed else "1",
    )
    if target.is_confirmed:
        tree.put(f"t-{key}", confirmed="on")
    for node in target.milestones:
        _put_milestone(tree, key, node)


def _put_milestone(tree: TypedTree, target: str, node: MilestoneDraft) -> None:
    key = str(node.pk) if node.pk else tree.new_key()
    tree.data.setlist(f"t-{target}-nodes", [*tree.milestones(target), key])
    due = node.due_on.isoformat() if node.due_on else ""
    tree.put(
        f"m-{key}",
        title=node.title,
        deliverable=node.deliverable,
        checklist=node.checklist,
        weight=str(node.weight),
        division=str(node.division_id or ""),
        person=str(node.person_id or ""),
        due=due,
        suggested="" if node.due_is_confirmed else due,
        recurring="1" if node.is_recurring else "",
    )
    if node.due_is_confirmed:
        tree.put(f"m-{key}", confirmed="on")
    tree.data.setlist(f"m-{key}-co_divisions", [str(pk) for pk in node.co_division_ids])
