"""The dates of the rhythm counted anew by crossing off days, without anything the program counts with but the calendar."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cppcc_office.lib.workdays import WorkCalendar
from supervision.cycles.enums import Cycle

SHANGHAI = ZoneInfo("Asia/Shanghai")


def name_of(cycle: Cycle, day: date) -> tuple[int, int]:
    """Which turn of the cycle a day belongs to."""
    match cycle:
        case Cycle.DAILY:
            return day.year, day.timetuple().tm_yday
        case Cycle.WEEKLY:
            return day.isocalendar()[:2]
        case Cycle.MONTHLY:
            return day.year, day.month
        case Cycle.QUARTERLY:
            return day.year, (day.month + 2) // 3
        case Cycle.HALF_YEARLY:
            return day.year, 1 if day.month < 7 else 2
        case Cycle.YEARLY:
            return day.year, 1


def dates_by_hand(cycle: Cycle, first_year: int, last_year: int, calendar: WorkCalendar) -> dict[date, datetime]:
    """By the first day of each turn, when it falls due by the delivered rule; turns without a working day are left out."""
    day, end = date(first_year - 1, 12, 1), date(last_year + 1, 3, 1)
    all_days = []
    while day < end:
        all_days.append(day)
        day += timedelta(days=1)
    turns: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in all_days:
        turns[name_of(cycle, day)].append(day)
    working = [day for day in all_days if calendar.is_workday(day)]
    dates = {}
    for days in turns.values():
        worked = [day for day in days if calendar.is_workday(day)]
        if not worked or not first_year <= days[0].year <= last_year:
            continue
        match cycle:
            case Cycle.DAILY:
                due = datetime.combine(worked[0], time(8, 30))
            case Cycle.WEEKLY:
                due = datetime.combine(worked[-1], time(16))
            case Cycle.MONTHLY:
                due = datetime.combine(worked[-1], time(9))
            case Cycle.QUARTERLY:
                due = datetime.combine([day for day in working if day > days[-1]][2], time(9))
            case Cycle.HALF_YEARLY:
                due = datetime.combine([day for day in working if day > days[-1]][4], time(9))
            case Cycle.YEARLY:
                due = datetime.combine([day for day in worked if day.month == 12][9], time(9))
        dates[days[0]] = due.replace(tzinfo=SHANGHAI)
    return dates
