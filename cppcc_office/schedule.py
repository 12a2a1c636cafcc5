"""When each periodic job ticks. A tick means “make it so up to now”, so it may come twice or late."""

from datetime import timedelta
from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {"task": "cppcc_office.jobs.tick", "schedule": timedelta(seconds=10)},
    "sweep-imports": {"task": "tasks.jobs.sweep_imports", "schedule": timedelta(seconds=2)},
    "bring-dates-up-to": {"task": "tasks.jobs.bring_dates_up_to", "schedule": timedelta(seconds=10)},
    "sweep-exports": {"task": "tasks.jobs.sweep_exports", "schedule": timedelta(seconds=2)},
    "sweep-old-exports": {"task": "tasks.jobs.sweep_old_exports", "schedule": timedelta(hours=1)},
    "receive-by-lapse": {"task": "tasks.jobs.receive_by_lapse", "schedule": timedelta(minutes=30)},
    "bring-cycles-up-to": {
        "task": "supervision.cycles.jobs.bring_cycles_up_to",
        "schedule": timedelta(seconds=60),
    },
    "sweep-runs": {"task": "supervision.cycles.jobs.sweep_runs", "schedule": timedelta(seconds=5)},
    "relay-events": {"task": "supervision.notifications.jobs.relay_events", "schedule": timedelta(seconds=15)},
    "sweep-deliveries": {"task": "supervision.notifications.jobs.sweep_deliveries", "schedule": timedelta(seconds=15)},
    "rescue-deliveries": {"task": "supervision.notifications.jobs.rescue_deliveries", "schedule": timedelta(minutes=1)},
    "seal-events": {"task": "accounts.jobs.seal_events", "schedule": timedelta(minutes=10)},
}
