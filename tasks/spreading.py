"""Dates for steps whose paper gives only the last one."""

from datetime import date

from cppcc_office.lib.workdays import WorkCalendar


def spread_dates(start: date, due: date, n: int, calendar: WorkCalendar) -> list[date]:
    """n dates from start to due, evenly in working days, for people to confirm.

    The last is the due date itself, holiday or not; the others are working days, several on one where days are few.
    Where there is no working day between start and due, or due comes first, every date is the due date.
    """
    if n <= 0:
        return []
    first = calendar.on_or_after(start)
    if first > due:
        return [due] * n
    span = calendar.count(first, due)
    # Half up in whole numbers: (2ab + c) // 2c.
    return [*(calendar.add(first, (2 * span * i + n) // (2 * n)) for i in range(1, n)), due]
