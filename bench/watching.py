"""Measuring the watch: both ways in turn, each in a process of its own, and the table."""

from collections.abc import Callable
from statistics import median
from typing import Any

SIZES = (10_000, 100_000)  # open milestones, ten a person
ROUNDS = 3
Step = Callable[..., dict[str, Any]]


def measure_watch(database: str, step: Step, environment: dict[str, str]) -> tuple[list[str], list[str]]:
    """Rows of the table, and what was wrong."""
    rows, wrong = [], []
    for size in SIZES:
        step("watch_prepare", size, environment=environment)
        ran, inserted = [], []
        for _ in range(ROUNDS):
            ran.append(step("watch_run", size, environment=environment))
            inserted.append(step("watch_insert", size, environment=environment))
        if {row["said"] for row in ran} != {row["said"] for row in inserted}:
            wrong.append(f"{database}: the watch over {size} milestones and its yardstick do not say the same")
        seconds, yardstick = (median(row["seconds"] for row in each) for each in (ran, inserted))
        held = max(row["megabytes"] for row in ran)
        grown = max(row["megabytes"] - row["before"] for row in ran)
        rows.append(
            f"| {database} | {size:,} | {ran[0]['told']:,} | {seconds:.2f} | {yardstick:.2f} "
            f"| {seconds / yardstick:.1f} | {held:.0f} | {grown:.0f} |"
        )
        print(f"  每日巡查 {size:,}: {seconds:.2f} s, {held:.0f} MB", flush=True)
    return rows, wrong


HEAD = (
    "| database | open milestones | told | watch s | INSERT … SELECT s | ratio | peak MB | of it by the watch |\n"
    "|---|---|---|---|---|---|---|---|"
)
