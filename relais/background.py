"""Long work gives way to whoever answers visitors."""

from __future__ import annotations

import os


def give_way(niceness: int) -> None:
    """Let other processes go first, for the processor and the disk; so does what is started from here.

    At 10, beside a server that wants all of the processor, this one gets a tenth of it; alone, all. Linux takes the order at the
    disk from this, where none is set (ioprio_set(2)). To be called before other threads start: it is each thread's own. Whoever
    was given less keeps it.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
