"""Where the ``relais`` script starts: an interruption while the program is still being loaded ends it without a traceback."""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Load the command line, then run it."""
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from relais.cli import main as run  # noqa: PLC0415 - loading it is what takes time

    signal.signal(signal.SIGINT, usual)
    run()
