"""The automatic numbers of a .docx (一、 （一） 1.), which its text does not contain and python-docx does not count."""

import re
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.numbering import CT_Numbering
from docx.oxml.styles import CT_Styles
from docx.oxml.text.paragraph import CT_P
from docx.oxml.text.parfmt import CT_PPr
from docx.oxml.xmlchemy import BaseOxmlElement

DIGITS = "〇一二三四五六七八九"
CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "ideographDigital",
    "chineseLegalSimplified",
}


@dataclass(frozen=True)
class _Level:
    start: int
    style: str
    text: str


class Numbering:
    """Counts along while the paragraphs are asked for in their order."""

    def __init__(self, numbering: BaseOxmlElement | None, styles: BaseOxmlElement | None) -> None:
        self.lists: dict[int, str] = {}  # numId → abstractNumId
        self.levels: dict[str, dict[int, _Level]] = {}  # by abstractNumId
        self.restarts: dict[int, dict[int, int]] = {}  # numId → level → first number
        self.styles: dict[str, tuple[int, int]] = {}  # paragraph style → numId, level
        self.counts: dict[str, dict[int, int]] = {}
        if isinstance(numbering, CT_Numbering):
            for level in numbering.xpath("w:abstractNum/w:lvl"):
                levels = self.levels.setdefault(level.getparent().get(qn("w:abstractNumId")), {})
                levels[int(level.get(qn("w:ilvl")))] = _Level(
                    int(_value(level, "w:start") or 1),
                    _value(level, "w:numFmt") or "decimal",
                    _value(level, "w:lvlText"),
                )
            for each in numbering.num_lst:
                self.lists[each.numId] = str(each.abstractNumId.val)
                self.restarts[each.numId] = {
                    override.ilvl: override.startOverride.val
                    for override in each.lvlOverride_lst
                    if override.startOverride is not None
                }
        if isinstance(styles, CT_Styles):
            for style in styles.style_lst:
                if found := _list_of(style.pPr):
                    self.styles[style.styleId] = found

    def label(self, paragraph: CT_P) -> str:
        """The number of the next paragraph, '' where it has none; counts it."""
        found = _list_of(paragraph.pPr) or self.styles.get(paragraph.style or "")
        if not found or found[0] not in self.lists:
            return ""
        number, level = found
        abstract = self.lists[number]
        levels = self.levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        restart = self.restarts[number].pop(level, None)
        if restart is not None:
            counts[level] = restart
        else:
            counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        if levels[level].style in ("bullet", "none"):
            return ""

        def figure(mark: re.Match[str]) -> str:
            at = int(mark[1]) - 1
            if at not in levels:
                return ""
            return _figure(counts.get(at, levels[at].start), levels[at].style)

        return re.sub(r"%([1-9])", figure, levels[level].text)


def _list_of(properties: CT_PPr | None) -> tuple[int, int] | None:
    about: Any = properties.numPr if properties is not None else None  # python-docx declares its children loosely
    if about is None or about.numId is None:
        return None
    return about.numId.val, about.ilvl.val if about.ilvl is not None else 0


def _value(element: BaseOxmlElement, name: str) -> str:
    found = element.find(qn(name))
    return (found.get(qn("w:val")) or "") if found is not None else ""


def _figure(number: int, style: str) -> str:
    if style in CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")
    if style.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if style in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr(ord("a" if style == "lowerLetter" else "A") + number - 1)
    return str(number)
