"""Taking cell texts apart: lists of names, numbered steps, headings with their ordinals."""

import re
from collections.abc import Sequence

OPENING, CLOSING = "（(《〈“‘【〔[「", "）)》〉”’】〕]」"
NUMERAL = "一二三四五六七八九十"
_SEPARATORS = "、，,;；\n/／|"

_MARKER = re.compile(
    r"\s*(?:"
    r"(?P<arabic>\d{1,2})\s*(?:(?:[.．、)）]|是)(?!\d)|[.．、](?=\d{1,4}[年月]))"
    r"|[（(]\s*(?P<bracketed>\d{1,2})\s*[)）]"
    r"|(?P<circled>[①-⑳])"
    rf"|(?P<chinese>[{NUMERAL}]{{1,3}})\s*(?:、|是)"
    rf"|[（(]\s*(?P<bracketed_chinese>[{NUMERAL}]{{1,3}})\s*[)）]"
    rf"|第(?P<ordinal>[{NUMERAL}]{{1,3}})步[，：,:、]?"
    r"|(?P<bullet>[-•·●◆■▪※*])(?=\s*[^\d\s])"
    r")\s*"
)


def split_outside_brackets(text: str, separators: str) -> list[str]:
    """The parts between separators, those inside brackets, quotes and 《》 not counted; empty parts are dropped."""
    parts, depth, current = [], 0, ""
    for character in text:
        if character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth = max(depth - 1, 0)
        if depth == 0 and character in separators:
            parts.append(current)
            current = ""
        else:
            current += character
    parts.append(current)
    return [part.strip() for part in parts if part.strip()]


def split_names(text: str) -> list[str]:
    """Several names in one cell. Never cut at 和 or 及, which belong to names (理论和调研处).

    Spaces separate, except where they only space out one name (张　三, 督 办 处).
    """
    names: list[str] = []
    for part in split_outside_brackets(text, _SEPARATORS):
        pieces = part.split()
        if all(len(piece) == 1 for piece in pieces):
            pieces = ["".join(pieces)]
        names.extend(cleaned for piece in pieces if (cleaned := piece.strip("。：:. ").removesuffix("等")))
    return list(dict.fromkeys(names))


_UNIT = "(?:处室|单位|部门|委室|科室|办公室)?"
_LEADS = re.compile(rf"(?:牵头|主办|主责|承办){_UNIT}")
_ASSISTS = re.compile(rf"(?:协办|配合|参与|协助|协同|责任){_UNIT}")


def split_duty(text: str, *, first_leads: bool) -> tuple[list[str], list[str]]:
    """Who leads and who assists, of one cell.

    Marks in the cell decide (牵头：督办处；配合：人事处, or 督办处（牵头）、人事处); without any the first leads and the
    rest assist where `first_leads`, else all are named as leading.
    """
    lead: list[str] = []
    co: list[str] = []
    unmarked: list[str] = []
    into = unmarked
    for part in split_outside_brackets(text, "；;\n、，,/／ \t　"):
        label, colon, rest = part.replace(":", "：").partition("：")
        if colon and _LEADS.fullmatch(label):
            into, part = lead, rest
        elif colon and _ASSISTS.fullmatch(label):
            into, part = co, rest
        marked = re.fullmatch(r"(.+?)[（(](.+?)[)）]", part)
        if marked and _LEADS.fullmatch(marked[2]):
            lead.extend(split_names(marked[1]))
        elif marked and _ASSISTS.fullmatch(marked[2]):
            co.extend(split_names(marked[1]))
        else:
            into.append(part)
    if not lead and not co:
        names = split_names(text)
        return (names[:1], names[1:]) if first_leads else (names, [])
    # 督办处（牵头）、人事处: whoever carries no mark assists, unless nobody leads yet.
    rest_names = [name for part in unmarked for name in split_names(part)]
    leading = [name for part in lead for name in split_names(part)]
    assisting = [name for part in co for name in split_names(part)]
    if not leading:
        leading, rest_names = rest_names[:1], rest_names[1:]
    return leading, list(dict.fromkeys(name for name in [*rest_names, *assisting] if name not in leading))


def split_people(text: str) -> list[str]:
    """Names of persons with what stands in brackets behind them, which tells two of one name apart."""
    return split_names(re.sub(r"[\s　]*([（(][^（）()]*[)）])", r"\1", text))


def split_steps(text: str) -> list[str]:
    """The steps of a cell without their numbers: one per numbered line, or per number within one line, or per line."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    if len(lines) == 1:
        steps = _split_inline(lines[0])
    elif any(_MARKER.match(line) for line in lines):
        steps = []
        for line in lines:
            marked = _MARKER.match(line)
            if marked or not steps:
                # A line may itself hold several numbers: 1.制定方案；2.组织实施 before a line break.
                steps.extend(_split_inline(line))
            else:
                steps[-1] += line.strip()
    else:
        steps = lines
    return [cleaned for step in steps if (cleaned := step.strip().strip("；;。，,、").strip())]


# These count also right behind a word: ①制定方案②组织实施.
_UNMISTAKABLE = frozenset({"circled", "bracketed", "bracketed_chinese"})


def _split_inline(line: str) -> list[str]:
    """Cut before each number of a run 1, 2, 3, … of one style; numbers that do not follow on are part of the words."""
    found = [
        (mark.start(), mark.end(), style, number)
        for mark in _MARKER.finditer(line)
        if mark.start() == 0
        or line[mark.start() - 1] in "；;。，,、 \t　"
        or mark[0][0] in " \t　"
        or mark.lastgroup in _UNMISTAKABLE
        for style, number in [_style_and_number(mark)]
        if style != "bullet" or mark.start() == 0
    ]
    if not found or found[0][0] != 0:
        return [line]
    style, number = found[0][2], found[0][3]
    cuts = [found[0]]
    for each in found[1:]:
        if each[2] == style and each[3] == number + 1:
            cuts.append(each)
            number += 1
    ends = [cut[0] for cut in cuts[1:]] + [len(line)]
    return [line[cut[1] : end] for cut, end in zip(cuts, ends, strict=True)]


def _style_and_number(mark: re.Match[str]) -> tuple[str, int]:
    style = mark.lastgroup or "bullet"
    value = mark[style]
    if style in ("arabic", "bracketed"):
        return style, int(value)
    if style == "circled":
        return style, ord(value) - ord("①") + 1
    if style == "bullet":
        return style, 0
    return style, chinese_number(value)


def chinese_number(text: str) -> int:
    """一 to 九十九 as a number; 0 for anything else."""
    matched = re.fullmatch(rf"([{NUMERAL[:9]}])?(十)?([{NUMERAL[:9]}])?", text)
    if not matched or not text:
        return 0
    tens, ten, ones = matched.groups()
    if not ten:
        return NUMERAL.index(tens) + 1 if tens and not ones else 0
    return (NUMERAL.index(tens) + 1 if tens else 1) * 10 + (NUMERAL.index(ones) + 1 if ones else 0)


_HEADING = re.compile(
    rf"^\s*(?:第?[{NUMERAL}]{{1,3}}[、．.]|[（(][{NUMERAL}]{{1,3}}[)）]|第[{NUMERAL}]{{1,3}}[章部分类]+\s*)\s*"
)
_COUNT = re.compile(r"\s*[（(]\s*(?:共)?\s*\d+\s*[项条件个]\s*[)）]\s*$")


def bare_heading(text: str) -> str:
    """The heading without its ordinal and count: 一、思想政治引领（27项） is 思想政治引领."""
    joined = "".join(text.split("\n"))
    return _COUNT.sub("", _HEADING.sub("", joined)).strip(" 　：:。")


def join_lines(text: str) -> str:
    """A title broken over lines of a cell, in one line."""
    return "".join(line.strip() for line in text.split("\n"))


def same_texts(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two rows read the same when spaces and line breaks do not count."""
    return ["".join(each.split()) for each in a] == ["".join(each.split()) for each in b]
