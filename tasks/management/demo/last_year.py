"""Last year's plan: 496 projects, 403 of them closed on time by 30 September, the rest due later and settled since."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from tasks.enums import ChangeKind
from tasks.management.demo import changing, words
from tasks.management.demo.courses import Days, close, do_step
from tasks.management.demo.line import Line
from tasks.management.demo.outlines import LAST_YEAR, KeyTaskOutline, ProjectOutline, key_tasks_of
from tasks.management.demo.papers import adopt_plan
from tasks.management.demo.year import Year

CLOSED_BY_AUTUMN = 403
CARRIED_KEY_TASKS, CARRIED = 8, 15
LATE, EXTENDED = 5, 4
WAVES = ((1, 16), (1, 22), (2, 26), (4, 14), (6, 9))  # days of dispatch
SHARES = (40, 26, 14, 12, 8)


@dataclass(frozen=True)
class Season:
    """The days between which something falls, as working days."""

    year: Year

    def day(self, month: int, day: int) -> date:
        return self.year.office.calendar.on_or_before(date(self.year.plan_year, month, day))

    def add(self, day: date, n: int) -> date:
        return self.year.office.calendar.add(day, n)

    def between(self, first: date, last: date) -> date:
        """Some working day after the first, up to the last."""
        n = max(1, self.year.office.calendar.count(first, last))
        return self.add(first, self.year.chance.randrange(1, n + 1))


def stage(year: Year) -> list[Line]:
    """Put the whole year into the timetable. Returns the lines that are still open when it ends."""
    season = Season(year)
    year.timetable.put(year.timetable.moment(season.add(date(year.plan_year, 1, 5), 1)), partial(adopt_plan, year))
    key_tasks = key_tasks_of(LAST_YEAR, year.office, year.chance)
    carried = _carried_of(key_tasks)
    others = [outline for key_task in key_tasks for outline in key_task.projects if outline not in carried]
    year.chance.shuffle(others)
    autumn, winter = set(others[:CLOSED_BY_AUTUMN]), others[CLOSED_BY_AUTUMN:]
    late, extended = set(winter[:LATE]), set(winter[LATE : LATE + EXTENDED])
    left = []
    for key_task in key_tasks:
        month, day = year.chance.choices(WAVES, SHARES)[0]
        wave = year.office.calendar.on_or_after(date(year.plan_year, month, day))
        for outline in key_task.projects:
            if outline in autumn:
                _closed_by_autumn(season, outline, wave)
            elif outline in carried:
                left.append(_unfinished(season, outline, wave))
            elif outline in late:
                _closed_late(season, outline, wave)
            elif outline in extended:
                _closed_after_extension(season, outline, wave)
            else:
                _closed_in_winter(season, outline, wave)
    year.dispatch_all()
    return left


def _carried_of(key_tasks: list[KeyTaskOutline]) -> set[ProjectOutline]:
    """Of some key tasks the last two projects, of the last one: together as many as are carried over."""
    wide = [key_task for key_task in key_tasks if len(key_task.projects) > 2]
    chosen = wide[3 :: len(wide) // CARRIED_KEY_TASKS][:CARRIED_KEY_TASKS]
    pairs = [outline for key_task in chosen for outline in key_task.projects[-2:]]
    return set(pairs[:CARRIED])


def _line(season: Season, outline: ProjectOutline, wave: date, due_on: date, steps: list[date]) -> Line:
    year = season.year
    line = Line(year, outline, start_on=wave, due_on=due_on)
    line.evidence_required = year.chance.random() < 0.02
    line.plan_steps(steps, with_number=False)
    line.register(season.add(wave, -year.chance.randrange(1, 4)))
    line.dispatch(wave)
    line.receive(season.add(wave, year.chance.choice((1, 1, 2))))
    return line


def _steps(season: Season, wave: date, due_on: date) -> list[date]:
    """One to three milestones; the last is due with the project."""
    n = season.year.chance.choices((1, 2, 3), (70, 26, 4))[0]
    span = season.year.office.calendar.count(wave, due_on)
    return [*(season.add(wave, max(3, span * place // n)) for place in range(1, n)), due_on]


def _work(season: Season, line: Line, until: date) -> None:
    """Every step in time, the last one by then."""
    chance = season.year.chance
    *earlier, last = range(len(line.flat))
    for place in earlier:
        on = season.add(line.flat[place].due_on, -chance.randrange(0, 3))
        do_step(line, place, min(on, season.add(until, -2)), talkative=0.2)
    do_step(line, last, until, talkative=0.3)


def _closed_by_autumn(season: Season, outline: ProjectOutline, wave: date) -> None:
    chance = season.year.chance
    autumn = season.day(9, 30)
    due_on = season.between(season.add(wave, 28), season.day(10, 20))
    requested_on = min(season.add(due_on, -chance.randrange(0, 6)), season.add(autumn, -chance.randrange(2, 9)))
    line = _line(season, outline, wave, due_on, _steps(season, wave, due_on))
    _work(season, line, season.add(requested_on, -3))
    close(line, requested_on, accepted_by=autumn, results=0.22)


def _winter_due(season: Season) -> date:
    return season.between(season.day(10, 10), season.day(12, 24))


def _closed_in_winter(season: Season, outline: ProjectOutline, wave: date) -> None:
    due_on = _winter_due(season)
    line = _line(season, outline, wave, due_on, _steps(season, wave, due_on))
    requested_on = max(season.add(due_on, -season.year.chance.randrange(0, 6)), season.day(10, 10))
    _work(season, line, season.add(requested_on, -3))
    close(line, requested_on, accepted_by=season.day(12, 31))


def _closed_late(season: Season, outline: ProjectOutline, wave: date) -> None:
    due_on = season.between(season.day(10, 20), season.day(11, 25))
    line = _line(season, outline, wave, due_on, _steps(season, wave, due_on))
    requested_on = season.add(due_on, season.year.chance.randrange(4, 12))
    _work(season, line, season.add(requested_on, -3))
    close(line, requested_on, accepted_by=season.day(12, 31), late=True, results=0)


def _closed_after_extension(season: Season, outline: ProjectOutline, wave: date) -> None:
    due_on = season.between(season.day(10, 20), season.day(11, 20))
    line = _line(season, outline, wave, due_on, [due_on])
    new_due_on = season.add(due_on, 8)
    changing.ask(line, season.add(due_on, -6), ChangeKind.EXTENSION, words.EXTENSIONS, due_on=new_due_on, moving=(0,))
    changing.decide(line, season.add(due_on, -4))
    requested_on = season.add(new_due_on, -1)
    do_step(line, 0, season.add(requested_on, -3))
    close(line, requested_on, accepted_by=season.day(12, 31))


def _unfinished(season: Season, outline: ProjectOutline, wave: date) -> Line:
    """Not finished by the end of the year: the first step done, the second one left."""
    due_on = season.between(season.day(12, 8), season.day(12, 31))
    first = season.day(11, season.year.chance.randrange(5, 28))
    line = _line(season, outline, wave, due_on, [first, due_on])
    do_step(line, 0, season.add(first, -1))
    line.entry(season.add(due_on, -4), 1)
    return line


def carry_over(left: list[Line], into: Year, days: Days) -> None:
    """The open lines go on in this year's plan; some of them are finished there by now."""
    first = into.office.calendar.on_or_after(date(into.plan_year, 1, 12))  # this year's plan is there
    on = min(first, max(days(-1), date(into.plan_year, 1, 1)))
    worked = -days.offset(on)
    for place, line in enumerate(left):
        closed = place % 3 == 0 and worked > 40
        due_on = days(-into.chance.randrange(4, 12)) if closed else days.coming(20 + 2 * place, least=12)
        changing.carry_over(line, on, into, due_on)
        if worked < 6:
            continue
        line.receive(into.office.calendar.add(on, 2))
        if closed:
            do_step(line, -1, into.office.calendar.add(due_on, -5))
            close(line, into.office.calendar.add(due_on, -2), accepted_by=days(-1))
        elif worked > 20:
            line.entry(days(-into.chance.randrange(2, 18)), -1)
