"""What a name gives: pinyin to search by, a log-in name to propose. Pure."""

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache

from pypinyin import lazy_pinyin

# As a surname these are not read the way they are read in words.
_SURNAMES = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "朴": "piao", "查": "zha", "区": "ou", "任": "ren",
    "盖": "ge", "翟": "zhai", "缪": "miao", "华": "hua", "乐": "yue", "覃": "qin", "种": "chong", "折": "she",
    "秘": "bi", "冼": "xian", "召": "shao", "员": "yun", "逄": "pang", "万": "wan", "黑": "he", "过": "guo",
}  # fmt: skip
_DOUBLE_SURNAMES = {"尉迟": ["yu", "chi"], "万俟": ["mo", "qi"], "澹台": ["tan", "tai"], "长孙": ["zhang", "sun"]}
_LOGIN_NAME = re.compile(r"[\w.@-]{2,40}")


def syllables_of(name: str) -> list[str]:
    head, rest = name[:2], name[2:]
    if head in _DOUBLE_SURNAMES:
        return [*_DOUBLE_SURNAMES[head], *lazy_pinyin(rest)]
    if name[:1] in _SURNAMES:
        return [_SURNAMES[name[0]], *lazy_pinyin(name[1:])]
    return list(lazy_pinyin(name))


def pinyin_of(name: str) -> tuple[str, str]:
    """Full pinyin in one word and the initials: 邓春梅 gives (dengchunmei, dcm)."""
    syllables = [_plain(s) for s in syllables_of(name)]
    return "".join(syllables)[:120], "".join(s[:1] for s in syllables)[:20]


@lru_cache(maxsize=4096)
def initials_of(text: str) -> str:
    """Of any words, as they are read: 社情民意2件 gives sqmy2j."""
    return "".join(s if s.isdigit() else s[:1] for s in map(_plain, lazy_pinyin(text)))


def _plain(syllable: str) -> str:
    return re.sub(r"[^a-z0-9]", "", syllable.lower())


def login_name(text: str) -> str:
    """A log-in name as it is stored: half-width, small letters, so that u001 and U001 are one."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_login_name(text: str) -> bool:
    return _LOGIN_NAME.fullmatch(text) is not None


def free_login_name(name: str, taken: Container[str]) -> str:
    """The name in pinyin, with a number after it where that is taken."""
    stem = pinyin_of(name)[0][:36] or "user"
    if len(stem) < 2:
        stem += "user"
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
