"""Numbered items of a paper with their duty, in the three usual ways, as plan lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.intake.columns import RESPONSIBLE, Field, field_named
from tasks.intake.lines import LeftOut, PlanLine
from tasks.intake.metrics import metrics_in
from tasks.intake.splitting import NUMERAL, bare_heading, split_names, split_outside_brackets, split_people

TITLE = "标题或说明，不是任务"
HEADING = "分类标题，用作下面各项的类别"
SUBHEADING = "小标题，不是任务"
AFTER = "任务后面的说明，没有读入"

_UNIT = "(?:处室|单位|部门|委室|科室|机构)"
_LABEL = re.compile(
    rf"(?:(?:牵头|主办|主责|承办|负责|责任|落实|协办|配合|协同|参与|参加|协助)(?:责任)?{_UNIT}|责任主体"
    r"|(?:牵头|责任|分管|主管)领导|责任人|经办人|承办人|联系人|具体负责人|负责人"
    r"|(?:计划|要求)?(?:完成|办结|办理)(?:时限|时间|期限|日期)|时限要求|时间要求|完成时间节点|时限|期限)\s*[：:]"
)
_HEADING = re.compile(rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}(?:部分|章|类|篇)[、：:\s]*)")
_SUBHEADING = re.compile(rf"\s*[（(][{NUMERAL}]{{1,3}}[)）]\s*")
_ITEM = re.compile(
    r"\s*(?P<number>\d{1,3})\s*(?:[.．、](?!\d)|[.．、](?=\d{1,4}[年月])|[)）])\s*|\s*[（(]\s*(?P<bracketed>\d{1,3})\s*[)）]\s*"
)
_LEADING = re.compile(r"(?:由)?(.*?)(?:共同)?牵头(?:负责|落实|办理|组织|实施)?")
_SHARING = re.compile(
    r"(?:由)?(.*?)(?:等)?(?:(?:按|按照|根据|依)?(?:各自)?职责(?:分工)?(?:负责|落实|办理|配合)|分工负责|共同负责|具体负责|负责|配合|参与|协助|协同|落实)"
)
_DUE = re.compile(
    r".*(?:完成|前|底|末|年内|半年|季度|全年(?:推进|坚持)?|(?:长期|常年)(?:坚持|推进)?|持续推进|每月\S*|\d+月|\d+日)"
)
_HINTS = (
    (
        re.compile(
            rf"(?:\d{{4}}年)?[\d{NUMERAL}]{{1,3}}月(?:[\d{NUMERAL}]{{1,3}}日|底|末)?(?:之)?前|年底前|上半年|年内"
        ),
        "",
    ),
    (re.compile("每个?月|按月"), "每月底前"),
    (re.compile("每个?季度?|按季度?"), "每季度末"),
    (re.compile("每半年"), "每年6月、12月"),
    (re.compile("全年|常态化|长期"), "全年"),
)


@dataclass
class _Item:
    """An item while its paragraphs are still coming."""

    row: int
    number: str
    text: str
    category: str
    level: int
    duty: dict[Field, str] = field(default_factory=dict)
    responsible: str = ""
    lead: list[str] = field(default_factory=list)
    co: list[str] = field(default_factory=list)

    @property
    def has_duty(self) -> bool:
        return bool(self.duty or self.responsible or self.lead or self.co)


def items_in(paragraphs: Sequence[str], name: str = "正文") -> tuple[list[PlanLine], list[LeftOut]]:
    """The items of a paper; `row` is the paragraph's number from 1. Paragraphs of no item are left out with a reason.

    What an item's own words say of a date (每季度通报…) is never taken for its deadline, only hinted at.
    """
    reader = _Paper(name)
    for row, paragraph in enumerate(paragraphs, start=1):
        if paragraph.strip():
            reader.take(row, paragraph.strip())
    reader.close()
    return reader.lines, reader.left_out


class _Paper:
    """Reads down the paper with one item open at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.category = ""
        self.open: _Item | None = None
        self.lines: list[PlanLine] = []
        self.left_out: list[LeftOut] = []

    def take(self, row: int, text: str) -> None:
        if self.open and self._take_labels(self.open, text):
            return
        item = _ITEM.match(text)
        heading = None if item else _HEADING.match(text)
        subheading = None if item or heading else _SUBHEADING.match(text)
        if item:
            self._begin(row, item["number"] or item["bracketed"], text[item.end() :], level=2)
        elif heading:
            self._begin(row, text[: heading.end()].strip(" 、．.："), text[heading.end() :], level=0)
        elif subheading:
            self._begin(row, text[: subheading.end()].strip(" （）()"), text[subheading.end() :], level=1)
        elif self.open and not self.open.has_duty and self.open.level == 2:
            self.open.text += text
            self._take_bracket(self.open)
        elif self.open and not self.open.has_duty and _has_bracket_duty(text):
            # 一、 and （一） stand over items or are items themselves: their duty decides.
            self.open.text += text
            self._take_bracket(self.open)
        else:
            self._leave_out(row, AFTER if self.lines or (self.open and self.open.has_duty) else TITLE, text)

    def close(self) -> None:
        """Turn the open item into a line; a heading without duty of its own only names a category."""
        item, self.open = self.open, None
        if item is None:
            return
        if item.has_duty or item.level == 2:
            self.lines.append(self._line(item))
        elif item.level == 0:
            self.category = bare_heading(item.text)
            self._leave_out(item.row, HEADING, item.text)
        elif len(item.text) > 40:
            self.lines.append(self._line(item))
        else:
            self._leave_out(item.row, SUBHEADING, item.text)

    def _leave_out(self, row: int, why: str, text: str) -> None:
        self.left_out.append(LeftOut(row, why, text=text[:80], sheet=self.name))

    def _begin(self, row: int, number: str, text: str, level: int) -> None:
        self.close()
        self.open = _Item(row, number, text, self.category, level)
        self._take_bracket(self.open)

    def _take_bracket(self, item: _Item) -> None:
        """The duty in the brackets at the end of the item, with labels or in a sentence."""
        body, inside = _trailing_bracket(item.text)
        if inside and self._take_labels(item, inside):
            item.text = body
        elif inside and _is_sentence_of_duty(inside):
            item.text = body
            _take_sentence(item, inside)

    def _take_labels(self, item: _Item, text: str) -> bool:
        """The duty by labels (牵头处室：…；完成时限：…); False where the text does not begin with one."""
        bare = text.strip().rstrip("。")
        if bare[:1] in "（(" and bare[-1:] in "）)":
            bare = bare[1:-1]
        labels = list(_LABEL.finditer(bare))
        if not labels or labels[0].start() != 0:
            return False
        ends = [label.start() for label in labels[1:]] + [len(bare)]
        for label, end in zip(labels, ends, strict=True):
            value = bare[label.end() : end].strip("；;，,。 　\t")
            meant = field_named(label[0])
            if isinstance(meant, Field):
                item.duty[meant] = value
            elif meant == RESPONSIBLE:
                item.responsible = value
        return True

    def _line(self, item: _Item) -> PlanLine:
        text = item.text.strip().rstrip("。；;")
        title, goal = _title_and_goal(text)
        lead = [*item.lead, *split_names(item.duty.get(Field.LEAD, ""))]
        shared = split_names(item.responsible)
        if not lead:
            lead, shared = shared[:1], shared[1:]
        co = [*item.co, *shared, *split_names(item.duty.get(Field.CO, ""))]
        deadline = item.duty.get(Field.DEADLINE, "")
        problems = [] if lead else ["这一项没有写牵头处室或责任处室，请补上"]
        return PlanLine(
            sheet=self.name,
            row=item.row,
            number=item.number,
            category=item.category,
            key_task=title,
            goal=goal,
            leader_texts=tuple(split_people(item.duty.get(Field.LEADER, ""))),
            lead_texts=tuple(dict.fromkeys(lead)),
            co_texts=tuple(name for name in dict.fromkeys(co) if name not in lead),
            person_texts=tuple(split_people(item.duty.get(Field.PERSON, ""))),
            deadline=deadline,
            deadline_hint="" if deadline else _hint(text),
            problems=tuple(problems),
        )


def _trailing_bracket(text: str) -> tuple[str, str]:
    """The text before its last bracket, and what stands inside; the whole and '' where it ends otherwise."""
    bare = text.rstrip("。 　")
    if bare[-1:] not in ("）", ")"):
        return text, ""
    depth = 0
    for at in range(len(bare) - 1, -1, -1):
        depth += (bare[at] in "）)") - (bare[at] in "（(")
        if depth == 0:
            return bare[:at], bare[at + 1 : -1]
    return text, ""


def _has_bracket_duty(text: str) -> bool:
    inside = _trailing_bracket(text)[1]
    return bool(_LABEL.match(inside)) or _is_sentence_of_duty(inside)


def _is_sentence_of_duty(inside: str) -> bool:
    parts = split_outside_brackets(inside, "，,；;、。")
    return any(_LEADING.fullmatch(part) or _SHARING.fullmatch(part) for part in parts)


def _take_sentence(item: _Item, inside: str) -> None:
    """…牵头，…按职责分工负责，…前完成. Names wait until a word says what they do."""
    waiting: list[str] = []
    for part in split_outside_brackets(inside, "，,；;、。"):
        leading, sharing = _LEADING.fullmatch(part), _SHARING.fullmatch(part)
        if leading:
            item.lead += [*waiting, *split_names(leading[1])]
            waiting = []
        elif sharing:
            names = [*waiting, *split_names(sharing[1])]
            waiting = []
            if not item.lead:
                item.lead, names = names[:1], names[1:]
            item.co += names
        elif _DUE.fullmatch(part):
            item.duty[Field.DEADLINE] = part.removesuffix("完成").strip()
        else:
            waiting += split_names(part)
    item.co += waiting


def _title_and_goal(text: str) -> tuple[str, str]:
    """The first clause names the duty, the rest is its goal; all of it is the goal where the first already counts."""
    parts = split_outside_brackets(text, "，。；;")
    title = parts[0] if parts else text
    rest = text[text.find(title) + len(title) :].strip("，。；; ")
    if not rest or metrics_in(title) or re.search("每个?月|每个?季|每半年", title):
        return title, text
    return title, rest


def _hint(text: str) -> str:
    for words, reading in _HINTS:
        found = words.search(text)
        if found:
            return reading or found[0]
    return ""
