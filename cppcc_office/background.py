"""The one background process of the embedded office: Celery's worker, its clock as a thread, the broker in memory.

Nothing in it has to survive: the web never enqueues, it writes rows, and the next sweep finds what a killed process left.
"""

import os
import signal
import threading
from typing import cast

from celery.beat import EmbeddedService

from cppcc_office.celery import app

THREADS = 4


def run() -> int:
    # The plain scheduler keeps no file: intervals count from the start, and everything is swept at the start.
    clock = cast("threading.Thread", EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler"))
    worker = app.Worker(
        pool="threads",
        concurrency=THREADS,
        hostname=f"background@{os.getpid()}",
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"])
    clock.start()
    threading.Thread(target=stop_without, args=(clock,), daemon=True).start()
    worker.start()
    return int(worker.exitcode or 0)


def stop_without(clock: threading.Thread) -> None:
    """A worker whose clock has died would sit idle for ever: end the process, and the supervisor starts another."""
    clock.join()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(run())
