"""Numbers as Chinese papers write them: full-width digits, 十二, 二〇二六."""

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DIGITS = {"〇": 0, "零": 0, "○": 0, **{char: value for value, char in enumerate("一二三四五六七八九", start=1)}}
_DIGIT = "[一二三四五六七八九]"
_COUNT = re.compile(
    rf"(?:(?P<thousands>{_DIGIT})千)?(?:零?(?P<hundreds>{_DIGIT})百)?(?:零?(?P<tens>{_DIGIT})?(?P<ten>十))?"
    rf"(?:零?(?P<ones>{_DIGIT}))?"
)


def fold(text: str) -> str:
    """Full-width digits, letters and punctuation become half-width ones; nothing else changes."""
    return text.translate(_FULL_WIDTH)


def number_of(text: str) -> int | None:
    """The number that digits or a Chinese count (三, 十二, 二百零五) say; None where it is no such number.

    一二 is None: papers write 一二月 for January and February, not for December.
    """
    text = fold(text)
    if re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    match = _COUNT.fullmatch(text)
    if not text or match is None or text.startswith("零"):
        return None
    part = {name: _DIGITS.get(value or "", 0) for name, value in match.groupdict().items()}
    tens = (part["tens"] or 1) if match["ten"] else 0
    return part["thousands"] * 1000 + part["hundreds"] * 100 + tens * 10 + part["ones"]


def digits_of(text: str) -> int | None:
    """The number whose digits are read one by one, as years are: 2026, 二〇二六; None where it is not digits alone."""
    text = fold(text)
    if re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    if not text or len(text) > 9 or any(char not in _DIGITS for char in text):
        return None
    return int("".join(str(_DIGITS[char]) for char in text))


def chinese(number: int) -> str:
    """A count from 1 to 99 in Chinese: 十二, 三十一."""
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is not a count from 1 to 99")
    tens, ones = divmod(number, 10)
    names = "一二三四五六七八九"
    head = "" if not tens else "十" if tens == 1 else names[tens - 1] + "十"
    return head + (names[ones - 1] if ones else "")
