"""The commands that start an office, started for real: what they print, what they survive, what they leave behind."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import yaml
from psycopg2 import sql

from tests.machine import free_port
from tests.servers import delete_keys

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PATIENCE = 240  # seconds; a build machine may be slow, and nothing waits longer than it must

pytestmark = pytest.mark.processes


def hear_interrupts() -> None:
    """A suite started in the background has inherited deafness to Ctrl-C, and would pass it on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Started:
    """A process of this test, its output in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], output: Path) -> None:
        self.output = output
        with output.open("wb") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                preexec_fn=hear_interrupts,
            )

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.text() or self.process.poll() is not None, self.text)
        assert words in self.text(), self.text()

    def children(self) -> list[int]:
        """Process ids of its direct children."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == self.process.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
        return sorted(found)


def wait_until(condition: Callable[[], object], tell: Callable[[], object] = str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"waited {PATIENCE} s in vain: {tell()}")
        time.sleep(0.1)


def ask_health(port: int) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    except OSError:
        return 0, {}
    finally:
        connection.close()


def command_line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of an embedded office with a folder and a port of its own."""
    foreign = {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "HOST"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port()), "PATH": path, "DEMO": "0"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start_one(command: list[str], environment: dict[str, str]) -> Started:
        started.append(Started(command, environment, tmp_path / f"output-{len(started)}.txt"))
        return started[-1]

    yield start_one
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            try:
                one.process.wait(30)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()


MAKE_RUN = [sys.executable, "-m", "cppcc_office.run"]


@pytest.mark.only_with("embedded")
def test_an_office_starts_survives_a_dead_process_and_keeps_its_data(
    surroundings: dict[str, str], start: Callable[..., Started]
) -> None:
    var, port = Path(surroundings["VAR_DIR"]), int(surroundings["PORT"])

    office = start(MAKE_RUN, surroundings)
    office.wait_for(f"http://127.0.0.1:{port}")
    wait_until(lambda: ask_health(port) == (200, {"database": "ok", "background": "ok"}), lambda: ask_health(port))
    servers = office.children()
    background = next(pid for pid in servers if "cppcc_office.background" in command_line_of(pid))
    os.kill(background, signal.SIGKILL)
    office.wait_for("background process 已重启 started again")
    second = start(MAKE_RUN, surroundings | {"PORT": str(free_port())})
    second_exit = second.process.wait(PATIENCE)
    office.process.send_signal(signal.SIGINT)
    exit_code = office.process.wait(PATIENCE)

    assert "SIGKILL" in office.text()
    assert second_exit == 1
    assert "Another make run is using this folder" in second.text()
    assert exit_code == 0
    assert [pid for pid in servers if Path(f"/proc/{pid}").exists()] == []
    assert ask_health(port) == (0, {})
    secret_key = (var / "secret-key").read_text()
    assert len(secret_key) > 50
    assert (var / "secret-key").stat().st_mode & 0o777 == 0o600

    again = start(MAKE_RUN, surroundings)
    again.wait_for(f"http://127.0.0.1:{port}")

    assert (var / "secret-key").read_text() == secret_key


@pytest.mark.only_with("embedded")
def test_the_servers_end_with_a_supervisor_that_is_killed_outright(
    surroundings: dict[str, str], start: Callable[..., Started]
) -> None:
    office = start(MAKE_RUN, surroundings)
    office.wait_for("http://127.0.0.1")
    servers = office.children()

    office.process.kill()

    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in servers))
    assert len(servers) == 2
    assert ask_health(int(surroundings["PORT"])) == (0, {})


@pytest.mark.only_with("embedded")
@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "abc"}, "PORT must be a number from 1 to 65535"),
        ({"PORT": "70000"}, "PORT must be a number from 1 to 65535"),
        ({"DATABASE_URL": "mysql://127.0.0.1/x"}, "DATABASE_URL must begin with postgresql://"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "The database cannot be reached"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis cannot be reached"),
        ({"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL must begin with redis://"),
        ({"VAR_DIR": "/dev/null/var"}, "cannot read or write"),
        ({"DATABASE_URL": "sqlite:////dev/null/office.sqlite3"}, "The database could not be made ready"),
    ],
)
def test_what_stands_in_the_way_is_said_in_one_sentence(
    surroundings: dict[str, str], environment: dict[str, str], words: str
) -> None:
    done = subprocess.run(
        MAKE_RUN,
        cwd=ROOT,
        env=surroundings | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.only_with("embedded")
def test_a_taken_port_is_said_at_once(surroundings: dict[str, str], start: Callable[..., Started]) -> None:
    port = surroundings["PORT"]
    listener = start([sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"], surroundings)
    wait_until(lambda: is_listening(int(port)), listener.text)

    done = subprocess.run(
        MAKE_RUN, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def is_listening(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.connect()
    except OSError:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.only_with("embedded")
def test_the_health_page_says_when_the_database_is_gone(
    surroundings: dict[str, str], start: Callable[..., Started]
) -> None:
    port = int(surroundings["PORT"])
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "SECRET_KEY": "k" * 50}

    web = start(on_port(COMPOSE["services"]["web"]["command"], port), surroundings | nowhere)

    wait_until(lambda: ask_health(port)[0], web.text)
    assert ask_health(port) == (503, {"database": "unreachable", "background": "never"})


def on_port(command: list[str], port: int) -> list[str]:
    """The command of the compose file, which has a container and its ports to itself, on a port of this machine."""
    return [{"0.0.0.0": "127.0.0.1", "8000": str(port)}.get(part, part) for part in command]


@pytest.fixture
def two_server_surroundings(surroundings: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """Surroundings with an empty PostgreSQL database of this test's own, and its own keys in Redis."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.lstrip('/')}_{tmp_path.name[-20:].replace('-', '_')}"
    connection = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    prefix = f"{os.environ.get('REDIS_PREFIX', 'cppcc-test:')}{name}:"
    yield surroundings | {
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
        "REDIS_URL": os.environ["REDIS_URL"],
        "REDIS_PREFIX": prefix,
        "SECRET_KEY": "k" * 50,
    }
    delete_keys(os.environ["REDIS_URL"], prefix)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    connection.close()


@pytest.mark.only_with("servers")
def test_the_commands_of_the_compose_file_make_an_office(
    two_server_surroundings: dict[str, str], start: Callable[..., Started]
) -> None:
    services: dict[str, Any] = COMPOSE["services"]
    port = int(two_server_surroundings["PORT"])
    # As in the container: the commands name programs, not paths.

    prepared = start(services["prepare"]["command"], two_server_surroundings)
    prepared_exit = prepared.process.wait(PATIENCE)
    web = start(on_port(services["web"]["command"], port), two_server_surroundings)
    worker = start(services["worker"]["command"], two_server_surroundings)
    start(services["beat"]["command"], two_server_surroundings)

    assert prepared_exit == 0, prepared.text()
    wait_until(lambda: ask_health(port) == (200, {"database": "ok", "background": "ok"}), web.text)
    ping = subprocess.run(
        services["worker"]["healthcheck"]["test"][1:],
        cwd=ROOT, env=two_server_surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ping.returncode == 0, ping.stdout + worker.text()
    assert "pong" in ping.stdout
    asked = subprocess.run(
        on_port_in_address(services["web"]["healthcheck"]["test"][1:], port),
        cwd=ROOT, env=two_server_surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout


def on_port_in_address(command: list[str], port: int) -> list[str]:
    return [part.replace(":8000/", f":{port}/") for part in command]


@pytest.mark.only_with("servers")
def test_with_two_servers_a_dead_worker_is_started_again(
    two_server_surroundings: dict[str, str], start: Callable[..., Started]
) -> None:
    port = int(two_server_surroundings["PORT"])

    office = start(MAKE_RUN, two_server_surroundings)
    office.wait_for(f"http://127.0.0.1:{port}")
    wait_until(lambda: ask_health(port)[1].get("background") == "ok", office.text)
    worker = next(pid for pid in office.children() if " worker " in command_line_of(pid))
    os.kill(worker, signal.SIGKILL)
    office.wait_for("worker 已重启 started again")
    office.process.send_signal(signal.SIGTERM)
    exit_code = office.process.wait(PATIENCE)

    assert exit_code == 0
    assert office.children() == []


@pytest.fixture
def bare_clone(tmp_path: Path) -> Path:
    """A folder with nothing but the set-up program and lock files that name nothing, so that no network is needed."""
    clone = tmp_path / "clone"
    (clone / "cppcc_office").mkdir(parents=True)
    shutil.copy(ROOT / "cppcc_office" / "prepare.py", clone / "cppcc_office")
    (clone / "requirements.lock").write_text("")
    (clone / "package.json").write_text('{"name": "bare", "private": true}')
    lock = {"name": "bare", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "bare"}}}
    (clone / "package-lock.json").write_text(json.dumps(lock))
    return clone


def prepare(clone: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "cppcc_office/prepare.py"],
        cwd=clone, env=os.environ | {"PIP_NO_INDEX": "1"}, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.only_with("embedded")
@pytest.mark.skipif(not shutil.which("npm"), reason="not run: no npm on this machine, and a wheel needs the network")
def test_a_set_up_is_done_once_and_an_interrupted_one_is_begun_afresh(bare_clone: Path) -> None:
    first = prepare(bare_clone)
    second = prepare(bare_clone)
    (bare_clone / ".venv" / "unfinished").touch()
    (bare_clone / "node_modules" / ".installed").unlink()
    third = prepare(bare_clone)
    (bare_clone / "requirements.lock").write_text("nothing-of-the-kind==1.0 \\\n    --hash=sha256:" + "0" * 64)
    (bare_clone / ".venv" / "requirements.lock.installed").unlink()
    fourth = prepare(bare_clone)

    assert [first.returncode, second.returncode, third.returncode] == [0, 0, 0], first.stderr + third.stderr
    assert "Making the virtual environment" in first.stdout
    assert second.stdout == ""
    assert "unfinished or broken: making it afresh" in third.stdout
    assert "Installing the front-end libraries" in third.stdout
    assert fourth.returncode == 1
    assert "Python 包未能安装" in fourth.stderr
    assert "Traceback" not in fourth.stderr
