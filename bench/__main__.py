"""The whole measurement: both databases, both sizes, every page, and the table at the end.

Seconds say little on a shared machine; the ratios within one run say more: each page to the bare page of the same
server in the same minute, and the large office to the small one.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from bench.load import Door, Scenario, Timing
from bench.watching import HEAD, measure_watch
from tests.machine import free_port
from tests.servers import NoServers, two_servers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SIZES = {"small": 1, "large": 10}  # offices of 10,000 projects and 60,000 milestones
TOGETHER = (1, 8)
BARE = "裸 Django 页（50 行）"


@dataclass
class Measured:
    """Of one size of one database: what each page took, and what else was seen."""

    rows: dict[str, int] = field(default_factory=dict)
    timings: dict[str, dict[int, Timing]] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=40, help="of each page at each concurrency")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--sizes", default="small,large", help="of the pages; empty: only the watch")
    parser.add_argument("--check", action="store_true", help="the consistency command also over the large size")
    asked = parser.parse_args()
    results: dict[str, dict[str, Measured]] = {}
    watch: list[str] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cppcc-bench-") as folder, ExitStack() as held:
        for database in asked.databases.split(","):
            environment = surroundings(database, Path(folder), held)
            if environment is None:
                continue
            for size in filter(None, asked.sizes.split(",")):
                measured = measure(database, size, environment, Path(folder), asked, wrong)
                results.setdefault(database, {})[size] = measured
            rows, faults = measure_watch(database, step, environment)
            watch += rows
            wrong += faults
    for database, sizes in results.items():
        print_table(database, sizes)
    print("\n".join(["", HEAD, *watch]))
    for fault in dict.fromkeys(wrong):
        print(f"✗ {fault}")
    return 1 if wrong else 0


def surroundings(database: str, folder: Path, held: ExitStack) -> dict[str, str] | None:
    """An environment with a database of this run's own."""
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    var = folder / database
    var.mkdir()
    own |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SECRET_KEY": secrets.token_hex(25),
        "VAR_DIR": str(var),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if database == "sqlite":
        return own
    try:
        servers = held.enter_context(two_servers())
    except NoServers as reason:
        print(f"! PostgreSQL is not measured: {reason}.", flush=True)
        return None
    url = servers.environment["DATABASE_URL"]
    create_database(url)
    return own | servers.environment


def create_database(url: str) -> None:
    parts = urlsplit(url)
    connection = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(parts.path.lstrip("/"))))
    connection.close()


def measure(
    database: str, size: str, environment: dict[str, str], folder: Path, asked: argparse.Namespace, wrong: list[str]
) -> Measured:
    measured = Measured()
    seeded = step("prepare", SIZES[size], environment=environment)
    measured.rows = {name: seeded[name] for name in ("projects", "milestones")}
    print(f"\n{database}, {size}: {measured.rows} ({seeded['seconds']:.0f} s)", flush=True)
    if size == "small" or asked.check:
        measured.other["check_consistency"] = step("check", environment=environment)
    entrance = step("sign_in", environment=environment)
    with server(environment, folder) as (port, process):
        door = Door(port, entrance["cookies"], entrance["csrf"])
        for scenario in scenarios(entrance):
            warm = door.measure(scenario, requests=3, together=1)
            wrong += [f"{database}, {size}: {fault}" for fault in warm.wrong]
            for together in TOGETHER:
                timing = door.measure(scenario, requests=asked.requests, together=together)
                wrong += [f"{database}, {size}: {fault}" for fault in timing.wrong]
                measured.timings.setdefault(scenario.name, {})[together] = timing
            one = measured.timings[scenario.name][1]
            print(f"  {scenario.name}: p50 {one.p50:.1f} ms", flush=True)
        measured.other["web server MB"] = round(held_by(process), 1)
    measured.other["export"] = step("export", environment=environment)
    return measured


def step(name: str, *numbers: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "bench_step", name, *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


@contextmanager
def server(environment: dict[str, str], folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """As `make run` starts it on this database."""
    port = free_port()
    workers = "2" if "DATABASE_URL" in environment else "1"
    command = [
        str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", workers, "--blocking-threads", "4", "--no-ws", "cppcc_office.wsgi:application",
    ]  # fmt: skip
    static = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, env=environment, check=False
    )
    assert static.returncode == 0
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/sign-in/")
            yield port, process
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the measured server does not answer")


def held_by(process: subprocess.Popen[bytes]) -> float:
    """Megabytes that the server and its workers hold."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    total = 0
    for pid in [str(process.pid), *children]:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return total / 1024


def scenarios(facts: dict[str, Any]) -> list[Scenario]:
    plan, (project, _) = facts["plan"], facts["running"][0]
    past = (date.today() - timedelta(days=60)).isoformat()  # noqa: DTZ011 (any past day does)
    return [
        Scenario(BARE, f"/bare/{plan}/"),
        Scenario("台账", "/ledger/"),
        Scenario("台账，筛选", f"/ledger/?light=red&division={facts['division']}"),
        Scenario("台账，按时限排序", "/ledger/?sort=due_on"),
        Scenario("台账，深页", "/ledger/?plan=all&group=none&page=150"),
        Scenario("台账，中文查找", f"/ledger/?q={quote('营商环境')}"),
        Scenario("台账，拼音查找", "/ledger/?q=zsc"),
        Scenario("项目页", f"/projects/{project}/"),
        Scenario("工作台", "/"),
        Scenario("JSON 台账", "/api/v1/ledger/"),
        Scenario("填报一条进展", posts=entries(facts["running"]), expects=302),
        Scenario("过去某天的统计", f"/figures/?as_of={past}"),
    ]


def entries(running: list[tuple[int, int]]) -> Callable[[], tuple[str, dict[str, str]]]:
    """Each for the next project in turn, against the version that the last one left there."""
    turns = ((pk, version + lap) for lap in count() for pk, version in running)
    lock = threading.Lock()

    def post() -> tuple[str, dict[str, str]]:
        with lock:
            pk, version = next(turns)
        return f"/projects/{pk}/entries/new/", {"version": str(version), "situation": "座谈会已开，意见正在汇总。"}

    return post


def print_table(database: str, sizes: dict[str, Measured]) -> None:
    print(f"\n## {database}\n")
    for size, measured in sizes.items():
        print(f"{size}: {measured.rows}; {measured.other}")
    heads = [f"{size} {head}" for size in sizes for head in ("p50/p99 ms", "×8 p50/p99", "/s 1", "/s 8", "÷ bare")]
    ratio = ["large ÷ small"] if len(sizes) == 2 else []
    print("\n| page | " + " | ".join([*heads, *ratio]) + " |")
    print("|---" * (1 + len(heads) + len(ratio)) + "|")
    for name in next(iter(sizes.values())).timings:
        cells = []
        for measured in sizes.values():
            one, eight = (measured.timings[name][together] for together in TOGETHER)
            bare = measured.timings[BARE][1]
            cells += [
                f"{one.p50:.1f} / {one.p99:.1f}",
                f"{eight.p50:.1f} / {eight.p99:.1f}",
                f"{one.per_second:.1f}",
                f"{eight.per_second:.1f}",
                f"{one.per_second / bare.per_second:.2f}",
            ]
        if ratio:
            small, large = (sizes[size].timings[name][1].p50 for size in ("small", "large"))
            cells.append(f"{large / small:.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main())
