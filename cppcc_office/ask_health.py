"""Asks a health page and answers with the exit code, for containers that have no curl."""

import sys
import urllib.error
import urllib.request


def main(url: str) -> int:
    # The proxies of the environment are for the world outside, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=4) as reply:
            print(reply.read().decode())
            return 0
    except (urllib.error.URLError, OSError) as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
