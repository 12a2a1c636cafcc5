"""`make run`: gets an office ready, starts its servers, keeps them alive and stops them all. Reads the environment only.

Embedded (no REDIS_URL): web server and one background process. With REDIS_URL: web server, worker and beat.
"""

import contextlib
import ctypes
import fcntl
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg2
import redis

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
OLDEST_REDIS = (6, 2)
HEALTHY_WITHIN = 90  # seconds, on a slow machine
STOPPED_WITHIN = 20
LOG_KEPT = 5 * 1024 * 1024
# Linux only; elsewhere a supervisor killed outright leaves its servers behind.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
# What --reset removes: only names of ours, whatever folder VAR_DIR names.
OURS = (
    "office.sqlite3",
    "office.sqlite3-wal",
    "office.sqlite3-shm",
    "files",
    "static",
    "logs",
    "heartbeat",
    "beat-schedule",
    "secret-key",
)


class CannotStart(Exception):
    """One sentence: why not, and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


@dataclass(frozen=True)
class Surroundings:
    """What the environment says: where to listen, where data are kept, which servers to use."""

    host: str
    port: int
    var: Path
    database_url: str
    redis_url: str

    @property
    def address(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{shown}:{self.port}"


@dataclass
class Server:
    """A child process that is started again when it dies."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_again_at: float = field(default=0.0)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.replace(self.log.with_suffix(".1.log"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches only the supervisor, and a group can be cleared away as a whole.
                process_group=0,
                preexec_fn=end_with_parent,
            )
        self.started_at = time.monotonic()
        self.start_again_at = 0.0

    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else ""

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def see_stopped(self) -> None:
        if not self.process:
            return
        try:
            self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            say(f"! {self.name} 未在 {STOPPED_WITHIN} 秒内停止，已强行结束 did not stop in time and was killed")
        self.clear_away()

    def clear_away(self) -> None:
        """End what the process left behind: a web server killed outright leaves its workers on the port."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def end_with_parent() -> None:
    """Called in a child before it becomes a server: let the kernel stop it should this supervisor be killed outright."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    servers: list[Server] = []
    try:
        around = read_surroundings()
        around.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        claim(around.var)
        if "--reset" in arguments:
            return reset(around)
        look_before(around)
        make_secret_key(around.var)
        # Says the accounts before the servers start: the first password is shown once, and must not be lost to a server
        # that fails.
        get_ready(around)
        servers = servers_of(around)
        for server in servers:
            server.start()
        wait_until_healthy(around, servers[0])
        say(f"\n  督查督办  {around.address}\n")
        say(f"  数据 data: {around.var}    记录 logs: {around.var / 'logs'}    停止 stop: Ctrl-C\n")
        keep_alive(servers)
    except CannotStart as reason:
        print(f"✗ {reason}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"✗ 无法读写 cannot read or write: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\n正在停止 stopping …")
        return 0
    finally:
        stop_all(servers)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 (a signal handler's signature)
    raise KeyboardInterrupt


def read_surroundings() -> Surroundings:
    text = os.environ.get("PORT", "").strip() or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise CannotStart(f"PORT={text} 不是 1 到 65535 之间的端口号。PORT must be a number from 1 to 65535.")
    database_url = os.environ.get("DATABASE_URL", "").strip()
    if database_url and urlsplit(database_url).scheme not in {"postgres", "postgresql", "sqlite"}:
        raise CannotStart(
            "DATABASE_URL 须以 postgresql:// 或 sqlite:/// 开头。DATABASE_URL must begin with postgresql:// or sqlite:///."
        )
    redis_url = os.environ.get("REDIS_URL", "").strip()
    if redis_url and urlsplit(redis_url).scheme not in {"redis", "rediss", "unix"}:
        raise CannotStart("REDIS_URL 须以 redis:// 开头。REDIS_URL must begin with redis://.")
    return Surroundings(
        host=os.environ.get("HOST", "").strip() or "127.0.0.1",
        port=int(text),
        var=Path(os.environ.get("VAR_DIR", "").strip() or ROOT / "var").resolve(),
        database_url=database_url,
        redis_url=redis_url,
    )


def claim(var: Path) -> None:
    """Two supervisors on one folder would run everything twice; the kernel forgets the lock when a process dies."""
    folder = os.open(var, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"数据目录 {var} 已有一个 make run 在运行，请先将其停止。Another make run is using this folder; stop it first."
        ) from None


def look_before(around: Surroundings) -> None:
    """Find out first what would otherwise come as a traceback from one of three processes."""
    family = socket.AF_INET6 if ":" in around.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((around.host, around.port))
        except OSError as error:
            raise CannotStart(
                f"端口 {around.port} 不能使用（可能已被占用），请换一个，例如 make run PORT={around.port % 65535 + 1}。"
                f"Port {around.port} cannot be used: {error.strerror}; choose another."
            ) from None
    if urlsplit(around.database_url).scheme in {"postgres", "postgresql"}:
        try:
            psycopg2.connect(around.database_url, connect_timeout=5).close()
        except psycopg2.Error as error:
            raise CannotStart(
                "数据库连不上，请先启动数据库或改正 DATABASE_URL。The database cannot be reached: "
                + " ".join(str(error).split())
            ) from None
    if around.redis_url:
        try:
            with redis.Redis.from_url(around.redis_url, socket_connect_timeout=5, socket_timeout=5) as client:
                version = str(client.info("server")["redis_version"])
        except (redis.RedisError, ValueError) as error:
            raise CannotStart(
                f"Redis 连不上，请先启动 Redis 或改正 REDIS_URL。Redis cannot be reached: {error}"
            ) from None
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
            raise CannotStart(
                f"Redis {version} 太旧，需要 6.2 或更高版本。Redis {version} is too old; 6.2 or later is needed."
            )


def make_secret_key(var: Path) -> None:
    file = var / "secret-key"
    if os.environ.get("SECRET_KEY", "").strip() or (file.exists() and file.read_text(encoding="ascii").strip()):
        return
    # Written beside and renamed, so that a power cut leaves a whole key or none.
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(50))
    beside.replace(file)


def get_ready(around: Surroundings) -> None:
    """Tables, static files, the first office. What it prints, the list of accounts above all, is passed on line by line."""
    logs = around.var / "logs"
    logs.mkdir(exist_ok=True)
    (around.var / "heartbeat").unlink(missing_ok=True)
    say("· 正在准备数据库与静态文件 getting the database and the static files ready …")
    with (logs / "get-ready.log").open("w+", encoding="utf-8") as log:
        with subprocess.Popen(
            [sys.executable, "manage.py", "get_ready"],
            cwd=ROOT,
            env={"DEMO": "1", **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=end_with_parent,
        ) as getting_ready:
            try:
                for line in getting_ready.stdout or ():
                    say(line.rstrip("\n"))
                getting_ready.wait()
            finally:
                # Interrupted: nothing half-written is left, what it loads is one transaction.
                if getting_ready.poll() is None:
                    getting_ready.kill()
        log.seek(0)
        complaints = log.read().strip().splitlines()
    if getting_ready.returncode:
        raise CannotStart(
            f"数据库未能准备好，详见 {logs / 'get-ready.log'}。The database could not be made ready: "
            + (complaints[-1] if complaints else f"exit code {getting_ready.returncode}")
        )


def servers_of(around: Surroundings) -> list[Server]:
    logs = around.var / "logs"
    celery = [str(BIN / "celery"), "-A", "cppcc_office"]
    # SQLite has one writer at a time: a second web process would only wait for the first.
    web_workers = "2" if around.database_url.startswith("postgres") else "1"
    web = [
        str(BIN / "granian"), "--interface", "wsgi", "--host", around.host, "--port", str(around.port),
        "--workers", web_workers, "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws",
        "cppcc_office.wsgi:application",
    ]  # fmt: skip
    servers = [Server("网页服务 web server", web, logs / "web.log")]
    if not around.redis_url:
        background = [sys.executable, "-m", "cppcc_office.background"]
        return [*servers, Server("后台进程 background process", background, logs / "background.log")]
    beat = [*celery, "beat", "--pidfile="]
    return [
        *servers,
        Server(
            "后台进程 worker", [*celery, "worker", "--concurrency", "2", "--hostname", "office@%h"], logs / "worker.log"
        ),
        Server("定时进程 beat", beat, logs / "beat.log"),
    ]


def wait_until_healthy(around: Surroundings, web: Server) -> None:
    until = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < until:
        if web.exit_code() is not None:
            raise CannotStart(f"网页服务未能启动，详见 {web.log}。The web server did not start: {web.last_words()}")
        if health(around) == 200:
            return
        time.sleep(0.2)
    raise CannotStart(
        f"网页服务启动 {HEALTHY_WITHIN} 秒后仍无应答，详见 {web.log}。"
        f"The web server did not answer within {HEALTHY_WITHIN} s: {web.last_words()}"
    )


def health(around: Surroundings) -> int:
    """The status of /healthz; 0 while nobody answers. Asked without urllib, which would go through a proxy."""
    host = urlsplit(around.address).hostname or "127.0.0.1"
    connection = http.client.HTTPConnection(host, around.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def keep_alive(servers: list[Server]) -> NoReturn:
    """Start again what dies: at once, and after repeated deaths more and more slowly, up to once a minute."""
    while True:
        now = time.monotonic()
        for server in servers:
            code = server.exit_code()
            if code is None:
                continue
            if not server.start_again_at:
                lived = now - server.started_at
                server.deaths = 1 if lived > 60 else server.deaths + 1
                wait = min(60, 2 ** (server.deaths - 1) - 1)
                server.start_again_at = now + wait
                last = f"：{server.last_words()}" if code > 0 else ""
                server.clear_away()
                say(f"! {server.name} 已退出 died ({ending(code)}){last}，{wait} 秒后重启 starting again in {wait} s")
            elif now >= server.start_again_at:
                server.start()
                say(f"· {server.name} 已重启 started again")
        time.sleep(0.3)


def ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def stop_all(servers: list[Server]) -> None:
    # A second Ctrl-C must not leave anybody behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.see_stopped()
    if servers:
        say("已停止 stopped")


def reset(around: Surroundings) -> int:
    """Throw away the embedded office, after asking."""
    if around.database_url:
        raise CannotStart(
            "demo-reset 只清除内置的 SQLite 数据；DATABASE_URL 所指的数据库请自行处理。"
            "demo-reset touches only the embedded database, not the one DATABASE_URL names."
        )
    doomed = [around.var / name for name in OURS if (around.var / name).exists()]
    if not doomed:
        say("没有可清除的数据。There is nothing to throw away.")
        return 0
    say(f"将删除 {around.var} 中的全部数据 all data there will be lost: {', '.join(path.name for path in doomed)}")
    print("确定请输入 yes (type yes to go on): ", end="", flush=True)
    if sys.stdin.readline().strip() != "yes":
        say("未作任何改动。Nothing was changed.")
        return 1
    for path in doomed:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    say("已清除 done. 再次 make run 将建立新的机关 starts afresh.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
