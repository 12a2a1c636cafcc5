"""Which past day a page is asked to show: `as_of` and `known_by` of the address."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_date, parse_datetime

from tasks.queries.as_of import Moment


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `moment` None is today, as it stands; `problem` says what could not be read."""

    moment: Moment | None = None
    problem: str = ""

    @property
    def query(self) -> str:
        """The same moment for another page's address."""
        if self.moment is None:
            return ""
        known = self.moment.known_by
        given = {"as_of": self.moment.day.isoformat()}
        if known is not None:
            given["known_by"] = f"{timezone.localtime(known):%Y-%m-%dT%H:%M:%S}"
        return urlencode(given)


def asked_moment(data: MultiValueDict[str, str], today: date) -> Asked:
    """The day the address names; today and days to come are no past day, whatever was recorded by then."""
    day_text, known_text = (str(data.get(name) or "").strip() for name in ("as_of", "known_by"))
    if not day_text and not known_text:
        return Asked()
    day = _day_of(day_text) if day_text else today
    known_by = known_moment(known_text) if known_text else None
    if day is None:
        return Asked(problem=f"“{day_text}”不是日期，请按 2026-03-31 的样子填写；下面是今天的情况。")
    if known_text and known_by is None:
        return Asked(problem=f"录入截止“{known_text}”认不出来，请填写日期；下面是今天的情况。")
    if day > today:
        return Asked(problem=f"{day:%Y-%m-%d} 还没有到，只能查看今天或以前；下面是今天的情况。")
    if day == today and known_by is None:
        return Asked()
    return Asked(Moment(day, known_by))


def known_moment(text: str) -> datetime | None:
    """A moment, or the end of a day where only the day is told; in the office's own time where no zone is told."""
    try:
        day = _day_of(text)
        if day is not None:
            moment: datetime | None = datetime.combine(day, time.max)
        else:
            # In an address a + of the zone arrives as a blank.
            moment = parse_datetime(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
        if moment is None:
            return None
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    except (ValueError, OverflowError):
        return None


def _day_of(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
