"""Knocking at the measured server: how long each answer takes, one after another and eight at once."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 120


@dataclass(frozen=True)
class Scenario:
    """One page, or one of a kind: `posts` makes address and body of each next request; None: `path` is fetched."""

    name: str
    path: str = ""
    posts: Callable[[], tuple[str, dict[str, str]]] | None = None
    expects: int = 200


@dataclass
class Timing:
    """Milliseconds of each answer, and how long all of them took."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.took)

    @property
    def p99(self) -> float:
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * 0.99))]

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds


@dataclass(frozen=True)
class Door:
    """Where the server is, and as whom one comes."""

    port: int
    cookies: str
    csrf: str

    def measure(self, scenario: Scenario, *, requests: int, together: int) -> Timing:
        """Each visitor keeps one connection and asks as soon as the last answer is read."""
        timing, lock, left = Timing(), threading.Lock(), iter(range(requests))
        ready = threading.Barrier(together + 1)

        def visit() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            ready.wait()
            while True:
                with lock:
                    if next(left, None) is None:
                        break
                began = time.perf_counter()
                wrong = self.ask(connection, scenario)
                took = (time.perf_counter() - began) * 1000
                with lock:
                    timing.took.append(took)
                    timing.wrong += [wrong] if wrong else []
            connection.close()

        visitors = [threading.Thread(target=visit) for _ in range(together)]
        for visitor in visitors:
            visitor.start()
        ready.wait()
        began = time.perf_counter()
        for visitor in visitors:
            visitor.join()
        timing.seconds = time.perf_counter() - began
        return timing

    def ask(self, connection: http.client.HTTPConnection, scenario: Scenario) -> str:
        headers = {"Cookie": self.cookies, "Host": f"127.0.0.1:{self.port}"}
        if scenario.posts is None:
            connection.request("GET", scenario.path, headers=headers)
        else:
            path, body = scenario.posts()
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.csrf}
            connection.request("POST", path, urlencode(body), headers)
        answer = connection.getresponse()
        answer.read()
        return "" if answer.status == scenario.expects else f"{scenario.name}: {answer.status}"
