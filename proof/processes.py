"""Processes of the proof: started with what they start, killed at once with all of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LOCAL_PORT, _INODE = 1, 9  # columns of /proc/net/tcp


@dataclass
class Process:
    """One command with its children, in a group of its own."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def ends(self, how: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, how)
        self.process.wait(60)

    def kill(self) -> None:
        self.ends(signal.SIGKILL)

    def holds(self, pid: int) -> bool:
        """Whether that process is this one or of its group."""
        try:
            return self.process is not None and os.getpgid(pid) == self.process.pid
        except ProcessLookupError:
            return False


def sender_of(port: int) -> int | None:
    """The process whose connection leaves from this local port, read from /proc."""
    inode = _inode_of(port)
    if inode is None:
        return None
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = entry.readlink()
        except OSError:
            continue
        if str(target) == f"socket:[{inode}]":
            return int(entry.parts[2])
    return None


def _inode_of(port: int) -> str | None:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[_LOCAL_PORT].rsplit(":", 1)[1], 16) == port:
            return fields[_INODE]
    return None
