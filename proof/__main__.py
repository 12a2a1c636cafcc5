"""The whole proof: people are told of thousands of acts while workers are killed and servers go away.

Afterwards nobody has missed anything, nothing lies twice in an inbox, and at most one e-mail came twice per killed worker.
Counts are printed; the exit code is 1 where one of them is wrong.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proof.mailbox import Mailbox
from proof.processes import ROOT, Process, sender_of
from proof.servers import Server, own_servers
from tests.everything import FOREIGN

WRITERS = 2
PATIENCE = 900  # seconds, on a slow and busy machine; nothing waits longer than it must
AWAY = 5  # seconds that a server stays away
KILLS = 3


@dataclass
class Half:
    """One office of its own, what was done to it, and what was counted afterwards."""

    name: str
    folder: Path
    environment: dict[str, str]
    mailbox: Mailbox
    acts: int
    workers: list[Process] = field(default_factory=list)
    others: list[Process] = field(default_factory=list)  # schedulers, and what is never killed
    killed: int = 0
    mark: int = 0

    def step(self, name: str, *numbers: int) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "manage.py", "proof_step", name, *map(str, numbers)],
            cwd=ROOT,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "proof.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def process(self, name: str, *arguments: str, **environment: str) -> Process:
        return Process(name, arguments, self.environment | environment, self.folder / f"{name}.log")

    def is_settled(self, now: dict[str, Any]) -> bool:
        """Everything written, told and sent."""
        is_told = now["acts"] >= self.acts // WRITERS * WRITERS and now["relayed"] == now["acts"]
        return is_told and not now["unfinished"]

    def say(self, words: str) -> None:
        print(f"{self.name}: {words}\n", end="", flush=True)  # at once: the other half speaks too


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    asked.add_argument("--acts", type=int, default=2000, help="how many acts in the half with servers")
    asked.add_argument("--only", choices=HALVES)
    options = asked.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped from outside, it still stops what it started
    return alone(options.only, options.acts) if options.only else side_by_side(options.acts)


def alone(name: str, acts: int) -> int:
    with tempfile.TemporaryDirectory(prefix="cppcc-proof-") as folder:
        faults = HALVES[name](Path(folder) / name, acts)
    for fault in faults:
        print(f"✗ {fault}")
    print(f"{name}: {'✗ Not proved.' if faults else '✓ Nothing lost, nothing doubled.'}", flush=True)
    return 1 if faults else 0


def side_by_side(acts: int) -> int:
    """Both mostly wait, for a rescue after each kill."""
    command = [sys.executable, "-m", "proof", "--acts", str(acts), "--only"]
    halves = [subprocess.Popen([*command, name], cwd=ROOT) for name in HALVES]
    try:
        return max([half.wait() for half in halves])
    finally:
        for half in halves:
            half.terminate()
            half.wait()


def with_servers(folder: Path, acts: int) -> list[str]:
    """Two workers, two schedulers; workers killed while they send, the broker and the database gone for a while."""
    print(f"servers: PostgreSQL, Redis, two workers, two schedulers, {acts} acts\n", end="", flush=True)
    with ExitStack() as ending:
        servers = ending.enter_context(own_servers())
        half = begun("servers", folder, acts, ending, DATABASE_URL=servers.postgresql.url, REDIS_URL=servers.redis.url)
        celery = ("-m", "celery", "-A", "cppcc_office")
        half.workers = [
            half.process(
                name, *celery, "worker", "--concurrency", "1", "--hostname", f"{name}@proof", "--loglevel", "WARNING"
            )
            for name in ("worker-1", "worker-2")
        ]
        half.others = [
            half.process(name, *celery, "beat", "--pidfile=", "--schedule", str(folder / name), "--loglevel", "WARNING")
            for name in ("beat-1", "beat-2")
        ]
        troubles: list[Callable[[], None]] = [
            lambda: kill_a_sender(half),
            lambda: away(half, servers.redis),
            lambda: kill_a_sender(half),
            lambda: away(half, servers.postgresql),
            lambda: kill_a_sender(half),
        ]
        run(half, troubles, ending)
        return judged(half)


def embedded(folder: Path, acts: int) -> list[str]:
    """SQLite and the one background process, killed while it sends and started again; an eighth of the acts."""
    acts = max(acts // 8, 1)
    print(f"embedded: SQLite, one background process, {acts} acts\n", end="", flush=True)
    with ExitStack() as ending:
        half = begun("embedded", folder, acts, ending)
        half.workers = [half.process("background", "-m", "cppcc_office.background")]
        run(half, [lambda: kill_a_sender(half)] * KILLS, ending)
        return judged(half)


def begun(name: str, folder: Path, acts: int, ending: ExitStack, **environment: str) -> Half:
    folder.mkdir()
    own = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    own |= {"VAR_DIR": str(folder), "SECRET_KEY": secrets.token_urlsafe(50), "LOG_LEVEL": "WARNING"} | environment
    mailbox = Mailbox(seconds=0.3)
    mailbox.start()
    ending.callback(mailbox.stop)
    half = Half(name, folder, own, mailbox, acts)
    half.mark = half.step("make", mailbox.port)["mark"]
    return half


def run(half: Half, troubles: list[Callable[[], None]], ending: ExitStack) -> None:
    """Write, let the troubles come one after another while it is written and told, and wait until all is told."""
    for process in (*half.workers, *half.others):
        ending.callback(process.kill)
        process.start()
    each = half.acts // WRITERS
    writers = [
        half.process(
            f"writer-{n}",
            "manage.py",
            "proof_step",
            "write",
            str(each),
            str(n),
            DJANGO_SETTINGS_MODULE="proof.settings",
        )
        for n in range(WRITERS)
    ]
    for writer in writers:
        ending.callback(writer.kill)
        writer.start()
    for place, trouble in enumerate(troubles):
        wait_until(lambda: half.step("count", half.mark)["acts"], at_least=each * WRITERS * (place + 1) // 8)
        trouble()
    for writer in writers:
        assert writer.process is not None
        if writer.process.wait(PATIENCE):
            raise RuntimeError(f"{writer.name}: {writer.log.read_text()[-2000:]}")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        now = half.step("count", half.mark)
        if half.is_settled(now):
            break
        time.sleep(3)
    half.say(f"at the end {now}")
    for process in (*half.others, *half.workers):
        process.ends(signal.SIGTERM)


def wait_until(number: Callable[[], int], *, at_least: int) -> None:
    until = time.monotonic() + PATIENCE
    while number() < at_least:
        if time.monotonic() > until:
            raise RuntimeError(f"waited {PATIENCE} s in vain for {at_least}")
        time.sleep(0.5)


def kill_a_sender(half: Half) -> None:
    """kill -9 the worker whose message the mail server has just accepted and not yet answered; then start it again."""
    caught: list[Process] = []

    def strike(port: int) -> None:
        pid = sender_of(port)
        for worker in half.workers:
            if pid is not None and worker.holds(pid):
                worker.kill()
                caught.append(worker)

    while not caught:
        half.mailbox.before_answer = half.mailbox.before_answer or strike
        time.sleep(2)
        if not caught and half.is_settled(half.step("count", half.mark)):
            half.mailbox.before_answer = None
            half.say("everything was sent already, nobody left to kill")
            return
    half.killed += 1
    half.say(f"{caught[0].name} killed while it sent, started again")
    caught[0].start()


def away(half: Half, server: Server) -> None:
    server.stop()
    time.sleep(AWAY)
    server.start()
    half.say(f"{server.name} stopped for {AWAY} s and started again")


def judged(half: Half) -> list[str]:
    """What was counted, in words, and what of it is wrong."""
    found = half.step("judge", half.mark)
    mails = Counter(mail.batch for mail in half.mailbox.mails)
    recorded = set(found.pop("batches"))
    # Accepted by the mail server, but the worker died before it could write that down: it was sent again.
    doubled = len(set(mails) - recorded) + sum(times - 1 for times in mails.values())
    unheard = len(recorded - set(mails))
    half.say(
        f"acts {found['acts']}, people {found['people']}: due {found['due']}, lost {found['lost']}, "
        f"doubled in the inbox {found['doubled']}, told without reason {found['to_nobody_due']}"
    )
    half.say(
        f"e-mails accepted {len(half.mailbox.mails)}, recorded as sent {len(recorded)}, came twice {doubled}, "
        f"workers killed {half.killed}; deliveries {found['deliveries']}, relays {found['relays']}"
    )
    wrong = {
        "fewer acts than were to be written": found["acts"] < half.acts // WRITERS * WRITERS,
        "somebody was not told": found["lost"] > 0,
        "somebody was told twice": found["doubled"] > 0,
        "somebody was told who need not be": found["to_nobody_due"] > 0,
        "a notification has no delivery": found["without_delivery"] > 0,
        "a delivery did not end": not found["deliveries"].keys() <= {"SENT", "WITHDRAWN"},
        "a relay did not end": found["relays"].keys() != {"DONE"},
        "no e-mail was recorded": not recorded,
        "an e-mail is recorded that never came": unheard > 0,
        "more e-mails came twice than workers were killed": doubled > half.killed,
        "no worker was killed": half.killed == 0,
    }
    return [f"{half.name}: {words}" for words, is_wrong in wrong.items() if is_wrong]


HALVES = {"servers": with_servers, "embedded": embedded}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("✗ Interrupted.")
