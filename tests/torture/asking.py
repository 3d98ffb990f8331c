"""What the tests of faults share: asking a server that may be away, and waiting for it."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request


def ask(address: str, patience: float = 30, **headers: str) -> tuple[int, str]:
    """The status and the text of an answer; 0 where no whole answer came."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=patience) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""


def wait_for(address: str, status: int, seconds: float = 90) -> bool:
    """Whether an address gives a status within so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ask(address)[0] == status:
            return True
        time.sleep(0.3)
    return False
