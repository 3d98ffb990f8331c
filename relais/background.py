"""Long work gives way to whoever answers visitors."""

from __future__ import annotations

import os

NICENESS = 10
"""Of imports and of what they bring about: beside a server that wants the processor they get a tenth of it, alone all."""


def give_way() -> None:
    """Let other processes go first, for the processor and the disk; so does what is started from here.

    Linux takes the order at the disk from this, where none is set (ioprio_set(2)). It is called before other threads are started,
    for it is each thread's own. Whoever was given less keeps it.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
