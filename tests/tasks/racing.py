"""Several people at the very same moment: a thread and a database connection for each."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from cppcc_office.lib.errors import Refused, Stale
from tests.tasks.company import YES

Outcome = str | Stale | Refused


def race(prepare: Sequence[Callable[[], Callable[[], object]]]) -> list[Outcome]:
    """Let each prepare (load what the page showed), then all act at once: `YES`, or what each was told instead."""
    start = Barrier(len(prepare), timeout=60)

    def one(ready: Callable[[], Callable[[], object]]) -> Outcome:
        try:
            act = ready()
            start.wait()
            act()
        except (Refused, Stale) as no:
            return no
        finally:
            connection.close()
        return YES

    with ThreadPoolExecutor(len(prepare)) as people:
        return list(people.map(one, prepare))


def losers(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome != YES]
