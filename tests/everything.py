"""`make test`: every check of the repository, then the suite on SQLite and again on PostgreSQL with Redis.

Runs on to the end whatever fails, so that one run tells everything.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine import chromium_path
from tests.servers import NoServers, two_servers

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
CI = bool(os.environ.get("CI"))
# As strict as an office on https would be asked to be.
PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "office.example",
    "CSRF_TRUSTED_ORIGINS": "https://office.example",
    "HTTPS": "1",
    "DEBUG": "0",
}
# Variables of the person who runs this must not decide what is tested.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "VAR_DIR", "STATIC_ROOT", "HTTPS", "DEBUG", "ALLOWED_HOSTS"}
FOREIGN |= {"BEHIND_PROXY", "CSRF_TRUSTED_ORIGINS", "SECRET_KEY", "HOST", "PORT", "LOG_LEVEL", "DJANGO_SETTINGS_MODULE"}
# Nor how long: without compiled files each of the many processes compiles every module and rewrites every test anew.
FOREIGN |= {"PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Check:
    """One command that must end well."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


CHECKS = [
    Check("types", [PYTHON, "-m", "mypy", "."]),
    Check("format", [PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", "."]),
    Check("lint", [PYTHON, "-m", "ruff", "check", "--output-format", "concise", "."]),
    Check("templates", [PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"]),
    Check("settings", [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    Check("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], PRODUCTION),
]


@dataclass
class Half:
    """What one run of the suite came to."""

    name: str
    passed: int = 0
    failed: int = 0
    not_run: Counter[str] = field(default_factory=Counter)
    ended_well: bool = False

    def __str__(self) -> str:
        words = f"{self.passed} passed, {self.failed} failed, {self.not_run.total()} not run"
        return words if self.ended_well or self.failed else f"{words}; the run itself broke off"


def main(arguments: list[str]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cppcc-everything-") as folder:
        faults = run_checks(Path(folder))
        if "--no-suite" not in arguments:
            faults += run_suite(Path(folder))
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print()
    for fault in faults:
        print(f"✗ {fault}")
    print(
        f"{'✗ Something does not hold' if faults else '✓ Everything holds'} ({minutes} min {seconds:02d} s).",
        flush=True,
    )
    return 1 if faults else 0


def clean_environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"VAR_DIR": str(folder / "var")}


def run_checks(folder: Path) -> list[str]:
    faults = []
    print("Checks", flush=True)
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for check, done in zip(CHECKS, pool.map(lambda check: run_check(check, folder), CHECKS), strict=True):
            print(f"  {'✗' if done.returncode else '✓'} {check.name}", flush=True)
            if done.returncode:
                faults.append(f"{check.name}: {' '.join(check.command[1:])}")
                print(indented(done.stdout + done.stderr), flush=True)
    return faults


def run_check(check: Check, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(folder) | check.environment
    return subprocess.run(check.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def run_suite(folder: Path) -> list[str]:
    faults = []
    if why := browser_fault():
        faults.append(why)
    halves = [run_half("SQLite", folder, {})]
    try:
        with two_servers() as servers:
            print(f"\nServers: {servers.words}", flush=True)
            halves.append(run_half("PostgreSQL with Redis", folder, servers.environment))
    except NoServers as reason:
        print(f"\n! The half on PostgreSQL with Redis was not run: {reason}.", flush=True)
        if CI:
            faults.append("the half on PostgreSQL with Redis could not run")
    print()
    for half in halves:
        print(f"{half.name}: {half}")
        for why, times in half.not_run.most_common():
            print(f"  not run: {times} × {why}")
        if not half.ended_well:
            faults.append(f"the suite on {half.name}")
    return faults


def run_half(name: str, folder: Path, environment: dict[str, str]) -> Half:
    print(f"\nThe suite on {name}", flush=True)
    half = Half(name)
    report = folder / f"{name.split()[0]}.xml"
    command = [PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider"]
    own = {"VAR_DIR": str(folder / report.stem)} | environment
    (folder / report.stem).mkdir()
    done = subprocess.run(
        [*command, f"--junit-xml={report}"], cwd=ROOT, env=clean_environment(folder) | own, check=False
    )
    half.ended_well = done.returncode == 0
    if report.exists():
        for case in ET.parse(report).getroot().iter("testcase"):
            if (skipped := case.find("skipped")) is not None:
                half.not_run[skipped.get("message", "")] += 1
            elif case.find("failure") is not None or case.find("error") is not None:
                half.failed += 1
            else:
                half.passed += 1
    return half


def browser_fault() -> str:
    """Say aloud when there is no browser; on a build machine run by root, install one first."""
    if not chromium_path() and CI and os.geteuid() == 0 and shutil.which("apt-get"):
        print("\nInstalling Chromium and a Chinese font with apt.", flush=True)
        packages = ["chromium", "fonts-noto-cjk"]
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    if chromium_path():
        return ""
    print("\n! No Chromium on this machine: the browser tests will not run.", flush=True)
    return "Chromium is missing, and a build machine must run the browser tests" if CI else ""


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines())


if __name__ == "__main__":
    # Stopped from outside, it still drops its databases and stops its servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\n✗ Interrupted.")
