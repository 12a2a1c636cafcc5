"""Names of a paper to the divisions, people and leaders of the office: exact or asked, never guessed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from accounts.enums import DivisionKind
from tasks.intake.office import DivisionName, OfficeWords, PersonName
from tasks.intake.problems import Pick, Problem, pick_of
from tasks.intake.values import names_in

_MOST_OFFERED = 3
_LIKE_ENOUGH = 40
_EVERY = "(?:政协|本)?(?:机关|办公厅|办公室)?"
_KINDS_OF_GROUP: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(f"{_EVERY}各(?:专委会|专门委员会|委员会|专委)(?:办公室|办事机构|办)?"),
        frozenset([DivisionKind.COMMITTEE]),
    ),
    (
        re.compile(f"{_EVERY}各(?:处室|处|科室)|各(?:处室|处|科室)"),
        frozenset([DivisionKind.OFFICE, DivisionKind.GENERAL]),
    ),
    (
        re.compile(f"{_EVERY}(?:各|全体|所有)(?:部门|单位|委室|部门各单位|委办处室|处室办公室|委办公室和处室)"),
        frozenset(DivisionKind.values),
    ),
)
_LEADER_TITLES = re.compile("(?:常务)?(?:副)?(?:主席|秘书长|主任|厅长)(?:同志)?$|同志$")
_BRACKET = re.compile(r"(.+?)[（(]([^（）()]+)[)）]")


@dataclass
class Divisions:
    """What a text of one or several divisions means."""

    ids: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class DivisionBook:
    """Looks divisions up by name, short name and the usual abbreviations of both."""

    def __init__(self, office: OfficeWords) -> None:
        self._office = office
        self._by_alias: dict[str, set[int]] = {}
        for division in office.divisions:
            for alias in _aliases(division):
                self._by_alias.setdefault(alias, set()).add(division.id)
        # The full name of one may be the abbreviation of another: the full name wins.
        self._by_name = {_plain(division.name): division.id for division in office.divisions}

    def find(self, text: str) -> list[int]:
        """The ids the text may stand for: one is an answer, several are to be asked about."""
        for plain in self._spellings(text):
            if plain in self._by_name:
                return [self._by_name[plain]]
            if plain in self._office.division_terms:
                return [self._office.division_terms[plain]]
            if plain in self._by_alias:
                return sorted(self._by_alias[plain])
        return []

    def group(self, text: str) -> list[int] | None:
        """The divisions of the kinds a group name names, in the office's order; None for no group name."""
        for plain in self._spellings(text):
            for pattern, kinds in _KINDS_OF_GROUP:
                if pattern.fullmatch(plain):
                    return [division.id for division in self._office.divisions if division.kind in kinds]
        return None

    def nearest(self, text: str) -> list[str]:
        """The names most like the text, to offer."""
        names = [division.name for division in self._office.divisions]
        shorts = {division.brief: division.name for division in map(_Brief, self._office.divisions)}
        scores: dict[str, float] = {}
        for choices in (names, list(shorts)):
            for found, score, _ in process.extract(_plain(text), choices, scorer=fuzz.WRatio, limit=_MOST_OFFERED):
                name = shorts.get(found, found)
                scores[name] = max(score, scores.get(name, 0))
        letters = set(_plain(text))
        best = sorted(scores.items(), key=lambda each: (-len(letters & set(each[0])) / (len(letters) or 1), -each[1]))
        return [name for name, score in best if score >= _LIKE_ENOUGH and letters & set(name)][:_MOST_OFFERED]

    def _spellings(self, text: str) -> Iterable[str]:
        plain = _plain(text)
        yield plain
        for name in self._office.organization_names:
            if name and plain.startswith(name) and len(plain) > len(name):
                yield plain.removeprefix(name)


class _Brief:
    def __init__(self, division: DivisionName) -> None:
        self.name = division.name
        self.brief = division.short_name or division.name.removesuffix("办公室")


def match_lead(text: str, co_text: str, book: DivisionBook, office: OfficeWords) -> Divisions:
    """牵头处室: exactly one division."""
    names = names_in(text)
    found = Divisions()
    if not names:
        found.problems.append(Problem("lead", "lead-missing", "没有写牵头处室，请填写"))
    elif len(names) > 1:
        others = [*names[1:], *names_in(co_text)]
        pick = Pick(f"{names[0]}牵头，其余协办", {"lead": names[0], "co": "、".join(dict.fromkeys(others))})
        words = f"牵头处室写了 {len(names)} 个，请只留一个，其余写到协办处室"
        found.problems.append(Problem("lead", "lead-several", words, (pick,)))
    elif book.group(names[0]) is not None and not book.find(names[0]):
        found.problems.append(Problem("lead", "lead-group", f"“{names[0]}”不是一个处室，牵头处室请写明一个"))
    else:
        _take(names[0], "lead", [], book, office, found)
    return found


def match_co(text: str, lead_id: int | None, book: DivisionBook, office: OfficeWords) -> Divisions:
    """协办处室: any number, group names expanded, the lead taken out."""
    found = Divisions()
    names = names_in(text)
    for name in names:
        group = None if book.find(name) else book.group(name)
        if group is None:
            _take(name, "co", names, book, office, found)
            continue
        others = [division_id for division_id in group if division_id != lead_id]
        found.ids += others
        listed = "、".join(office.division(division_id).name for division_id in others)
        without = "，牵头处室不再列入" if len(others) < len(group) else ""
        found.remarks.append(f"“{name}”展开为 {len(others)} 个处室：{listed}{without}")
    if lead_id is not None and lead_id in found.ids:
        found.remarks.append("协办处室中写有牵头处室，已去掉")
    found.ids = [division_id for division_id in dict.fromkeys(found.ids) if division_id != lead_id]
    return found


def _take(
    name: str, field_name: str, names: Sequence[str], book: DivisionBook, office: OfficeWords, found: Divisions
) -> None:
    ids = book.find(name)
    if len(ids) == 1:
        found.ids += ids
        return
    offered = [office.division(division_id).name for division_id in ids] or book.nearest(name)

    def answer(right: str) -> Pick:
        text = "、".join(right if each == name else each for each in names) if names else right
        return pick_of(field_name, text, right)

    words = f"“{name}”可能是 {len(ids)} 个处室，请选一个" if ids else f"没有“{name}”这个处室，请改正或选一个"
    code = f"{field_name}-{'ambiguous' if ids else 'unknown'}"
    found.problems.append(Problem(field_name, code, words, tuple(map(answer, offered)), about=name))


@dataclass
class People:
    ids: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def match_people(text: str, lead_id: int | None, book: DivisionBook, office: OfficeWords) -> People:
    """责任人: the people of the row's lead division; somebody else's only when named with division or log-in name."""
    found = People()
    names = [each for each in _names_with_brackets(text) if each]
    own = [person for person in office.people if lead_id in person.division_ids]
    for name in names:
        candidates = (
            _persons_named(name, own)
            or _persons_marked(name, book, office.people)
            or _persons_named(_unmarked(name, book), own)
        )
        if len(candidates) == 1:
            found.ids.append(candidates[0].id)
            continue
        if lead_id is None:
            continue  # who it is follows from the division, which is asked for first
        found.problems.append(_who(name, names, candidates, own, office))
    found.ids = list(dict.fromkeys(found.ids))
    return found


def match_leaders(text: str, office: OfficeWords) -> People:
    """牵头领导: among the leaders only."""
    found = People()
    names = [each for each in _names_with_brackets(text) if each]
    for name in names:
        candidates = _persons_named(name, office.leaders)
        if not candidates:
            bare = _LEADER_TITLES.sub("", _BRACKET.sub(r"\1", _plain(name)))
            candidates = _persons_named(bare, office.leaders) if len(bare) > 1 else []
        if len(candidates) == 1:
            found.ids.append(candidates[0].id)
            continue
        offered = candidates or _like(name, office.leaders)
        picks = tuple(_person_pick("leader", name, names, person, candidates, office) for person in offered)
        if candidates:
            words = f"领导中有 {len(candidates)} 位“{name}”，请选一位"
        else:
            words = f"领导中没有“{name}”，请改正或选一位"
        found.problems.append(Problem("leader", "leader-ambiguous" if candidates else "leader-unknown", words, picks))
    found.ids = list(dict.fromkeys(found.ids))
    return found


def _who(
    name: str, names: Sequence[str], candidates: list[PersonName], own: list[PersonName], office: OfficeWords
) -> Problem:
    if candidates:
        offered, words = candidates, f"该处室有 {len(candidates)} 位“{name}”，请选一位"
    else:
        elsewhere = [person for person in office.people if person.name == name]
        offered = [*_like(name, own), *elsewhere][:_MOST_OFFERED]
        if elsewhere:
            where = "、".join(dict.fromkeys(_where(person, office) for person in elsewhere))
            words = f"牵头处室没有“{name}”（{where}有），请改正或选一位"
        else:
            words = f"牵头处室没有“{name}”，请改正或选一位"
    picks = tuple(_person_pick("person", name, names, person, candidates, office) for person in offered)
    return Problem("person", "person-ambiguous" if candidates else "person-unknown", words, picks)


def _person_pick(
    field_name: str,
    name: str,
    names: Sequence[str],
    person: PersonName,
    candidates: list[PersonName],
    office: OfficeWords,
) -> Pick:
    same_name = sum(each.name == person.name for each in candidates) > 1
    if same_name:
        text = f"{person.name}（{person.username}）"
        label = f"{person.name}（{person.title or person.username}）"
    elif not candidates and person.division_ids and person.name == name:
        text = label = f"{person.name}（{_where(person, office)}）"
    else:
        text = label = person.name
    return pick_of(field_name, "、".join(text if each == name else each for each in names), label)


def _where(person: PersonName, office: OfficeWords) -> str:
    return next((division.name for division in office.divisions if division.id in person.division_ids), "")


def _persons_named(name: str, people: Sequence[PersonName]) -> list[PersonName]:
    """Those of that name; of that surname and post (王处长); or with the log-in name in brackets."""
    plain = _plain(name)
    if exact := [person for person in people if person.name == plain]:
        return exact
    if marked := _BRACKET.fullmatch(plain):
        return [
            person
            for person in people
            if person.name == marked[1] and marked[2] in (person.username, person.title, plain)
        ] or ([person for person in people if person.name == marked[1]] if _LEADER_TITLES.search(marked[2]) else [])
    by_post = [person for person in people if person.title and plain == person.name[0] + person.title]
    return by_post or [person for person in people if len(plain) == 1 and person.name.startswith(plain)]


def _persons_marked(name: str, book: DivisionBook, people: Sequence[PersonName]) -> list[PersonName]:
    """徐伟东（督办处）: of whichever division stands in the brackets."""
    marked = _BRACKET.fullmatch(_plain(name))
    if not marked:
        return []
    ids = set(book.find(marked[2]))
    return [
        person
        for person in people
        if person.name == marked[1] and (ids & person.division_ids or person.username == marked[2])
    ]


def _unmarked(name: str, book: DivisionBook) -> str:
    """The bare name where the brackets name no division (a post, a telephone, 兼); else what was written."""
    marked = _BRACKET.fullmatch(_plain(name))
    return marked[1] if marked and not book.find(marked[2]) else name


def _like(name: str, people: Sequence[PersonName]) -> list[PersonName]:
    """The people whose names share most with this one, best first; nobody who shares nothing."""
    scored = [(fuzz.ratio(name, person.name), person) for person in people if set(name) & set(person.name)]
    return [person for _, person in sorted(scored, key=lambda each: -each[0])][:_MOST_OFFERED]


def _names_with_brackets(text: str) -> list[str]:
    return names_in(text.replace("(", "（").replace(")", "）"))


def _aliases(division: DivisionName) -> Iterable[str]:
    for name in filter(None, (division.name, division.short_name)):
        plain = _plain(name)
        yield plain
        if plain.endswith("委办公室"):
            stem = plain.removesuffix("办公室")
            yield from (stem, f"{stem}办", f"{stem}员会", f"{stem}员会办公室")
        elif plain.endswith("办公室") and len(plain) > 4:
            yield plain.removesuffix("公室")


def _plain(text: str) -> str:
    return re.sub(r"[\s　]", "", text).replace("(", "（").replace(")", "）")
