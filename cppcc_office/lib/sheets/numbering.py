"""The automatic numbers of a .docx (一、 （一） 1.), which its text does not contain."""

import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from cppcc_office.lib.sheets.archives import attribute, child, local, parse_part

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


@dataclass
class Numbering:
    """Counts along while the paragraphs are asked for in their order."""

    lists: dict[str, str] = field(default_factory=dict)  # numId → abstractNumId
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by abstractNumId
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)  # numId → level → first number
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)  # paragraph style → numId, level
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> "Numbering":
        numbering = cls()
        names = archive.namelist()
        if "word/numbering.xml" in names:
            for element in parse_part(archive, "word/numbering.xml"):
                if local(element.tag) == "abstractNum":
                    numbering.levels[attribute(element, "abstractNumId")] = {
                        int(attribute(each, "ilvl")): _level(each) for each in element if local(each.tag) == "lvl"
                    }
                elif local(element.tag) == "num":
                    numbering._add_list(element)
        if numbering.lists and "word/styles.xml" in names:
            for style in parse_part(archive, "word/styles.xml"):
                found = _list_of(child(style, "pPr"))
                if found:
                    numbering.styles[attribute(style, "styleId")] = found
        return numbering

    def _add_list(self, element: ElementTree.Element) -> None:
        number = attribute(element, "numId")
        self.lists[number] = _value(element, "abstractNumId")
        self.restarts[number] = {
            int(attribute(each, "ilvl")): int(_value(each, "startOverride") or 1)
            for each in element
            if local(each.tag) == "lvlOverride" and child(each, "startOverride") is not None
        }

    def label(self, properties: ElementTree.Element | None) -> str:
        """The number of the next paragraph, '' where it has none; counts it."""
        found = _list_of(properties) or self.styles.get(_value(properties, "pStyle"))
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


def _level(element: ElementTree.Element) -> _Level:
    return _Level(
        int(_value(element, "start") or 1), _value(element, "numFmt") or "decimal", _value(element, "lvlText")
    )


def _list_of(properties: ElementTree.Element | None) -> tuple[str, int] | None:
    about = child(properties, "numPr")
    if about is None:
        return None
    return _value(about, "numId"), int(_value(about, "ilvl") or 0)


def _value(element: ElementTree.Element | None, name: str) -> str:
    found = child(element, name)
    return attribute(found, "val") if found is not None else ""


def _figure(number: int, style: str) -> str:
    if style in CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")
    if style.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if style in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr(ord("a" if style == "lowerLetter" else "A") + number - 1)
    return str(number)
