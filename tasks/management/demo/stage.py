"""The stage of this year's plan: lines with days counted from today, begun when the office sends its batches out."""

from datetime import date

from tasks.management.demo.courses import Days
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.year import Year

SHORTEST = 75  # working days that the year must have behind it; where it has fewer, it was begun in the year before


def begun_on(today: date, days: Days) -> date:
    """The day the plan was adopted."""
    usual = days.calendar.on_or_after(date(today.year, 1, 9))
    return min(usual, days(-SHORTEST))


class Stage:
    """Makes lines of one plan and sends them to their fates. Offsets are working days from today."""

    def __init__(self, year: Year, days: Days) -> None:
        self.year, self.days, self.chance = year, days, year.chance
        self.begin = days.offset(begun_on(days.today, days))

    def between(self, first: int, last: int) -> int:
        return self.chance.randrange(first, max(first, last) + 1)

    def line(
        self,
        outline: ProjectOutline,
        start: int,
        due: int | date,
        steps: list[int],
        *,
        with_number: bool = False,
        goals: int = 1,
        received: bool = True,
    ) -> Line:
        """Registered, decomposed, dispatched and received; the last step is due with the project."""
        due_on = due if isinstance(due, date) else self.days(due)
        line = Line(self.year, outline, start_on=self.days(start), due_on=due_on)
        line.evidence_required = self.chance.random() < 0.05
        with_number = with_number and outline.pattern.number is not None
        line.plan_steps([*map(self.days, steps[:-1]), due_on], with_number=with_number, goals=goals)
        line.register(self.days(start - self.between(1, 3)))
        line.dispatch(self.days(start))
        if received:
            line.receive(self.days(start + self.between(1, 2)))
        return line

    def start(self, before: int) -> int:
        """A day of dispatch: one of those on which the office sends its batches out."""
        batches = [self.begin + 6, self.begin + 12, *range(self.begin + 30, -10, 16)]
        fit = [offset for offset in batches if offset <= before]
        found: int = self.chance.choices(fit, [6, 5, *[1] * len(fit)][: len(fit)])[0]
        return found

    def share(self, line: Line, start: int, *, behind: int = 0) -> int:
        """How much of the number should be counted by today, less so many points."""
        planned = self.days.calendar.count(line.start_on, line.due_on)
        expected = min(1.0, -start / planned)
        return max(0, round(line.wanted * (expected - behind / 100)))
