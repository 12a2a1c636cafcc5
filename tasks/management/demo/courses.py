"""How the work on a line goes: steps reported, confirmed, closed out, on the days that a fate wants."""

from dataclasses import dataclass
from datetime import date, timedelta

from cppcc_office.lib.workdays import WorkCalendar
from tasks.enums import ResultKind
from tasks.management.demo.line import Line
from tasks.management.demo.patterns import DELIBERATION, OFFICE, PROPOSALS, RESEARCH, SUPERVISION

_RESULTS = {
    DELIBERATION: (ResultKind.REPORT, ResultKind.INSTRUCTION, ResultKind.INFORMATION),
    SUPERVISION: (ResultKind.REPORT, ResultKind.INFORMATION),
    PROPOSALS: (ResultKind.PROPOSAL, ResultKind.INFORMATION),
    RESEARCH: (ResultKind.REPORT, ResultKind.INFORMATION, ResultKind.INSTRUCTION, ResultKind.PROPOSAL),
    OFFICE: (ResultKind.RULE,),
}


@dataclass(frozen=True)
class Days:
    """Working days counted from today: −1 is the one before, 5 the fifth from now."""

    today: date
    calendar: WorkCalendar

    def __call__(self, offset: int) -> date:
        return self.calendar.add(self.today, offset)

    def offset(self, day: date) -> int:
        """The other way round, also where today is no working day."""
        if day >= self.today:
            return self.calendar.count(self.today, day)
        return -self.calendar.count(day - timedelta(days=1), self.today - timedelta(days=1))

    def coming(self, offset: int, *, least: int) -> date:
        """So many working days ahead, but within the year where at least `least` of them are left in it."""
        year_end = self.calendar.on_or_before(date(self.today.year, 12, 31))
        day = self(offset)
        return year_end if day > year_end and self.offset(year_end) >= least else day


def spaced(first: int, last: int, n: int) -> list[int]:
    """n offsets evenly apart, ending with the last."""
    return [last - (last - first) * (n - 1 - place) // max(1, n) for place in range(n)]


def do_step(
    line: Line, place: int, day: date, *, confirmed: bool = True, counted: int | None = None, talkative: float = 0.5
) -> None:
    """Reported out of the division on that day and confirmed within days; sometimes told of before."""
    chance, calendar = line.chance, line.office.calendar
    if chance.random() < talkative:
        line.entry(calendar.add(day, -chance.randrange(2, 6)), place, counted=counted)
        counted = None
    if chance.random() < 0.25 and talkative:
        line.report(calendar.add(day, -1), place, counted=counted, by_head=False)
        line.agree(day, place)
    else:
        line.report(day, place, counted=counted)
    if confirmed:
        line.confirm(calendar.add(day, chance.choice((0, 1, 1, 2))), place)


def close(line: Line, requested_on: date, *, accepted_by: date, late: bool = False, results: float = 0.3) -> date:
    """Asked for on that day and accepted soon, at the latest on `accepted_by`. Returns the day of acceptance."""
    chance, calendar = line.chance, line.office.calendar
    line.request(requested_on)
    accepted_on = min(calendar.add(requested_on, chance.choice((1, 1, 2, 3))), accepted_by)
    line.accept(accepted_on, late=late)
    kinds = _RESULTS.get(line.outline.category, (ResultKind.ACTIVITY,))
    if chance.random() < results:
        line.result(min(calendar.add(accepted_on, chance.randrange(1, 9)), accepted_by), chance.choice(kinds))
    return accepted_on
