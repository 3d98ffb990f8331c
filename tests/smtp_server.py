"""A real SMTP server on the loopback (aiosmtpd), which keeps what it is sent and may refuse, as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.serving import free_port


class LetterBox:
    """What the server keeps.

    Attributes:
        letters: The letters that it took, in order.
        sent: The same, as they came over the line.
        refusals: Address → what it answers to a letter for it, in order; it takes the letter once none is left.
        hangs_up: Whether it cuts the connection once it has read a letter.
        slow_s: How long it takes to say that it has taken a letter, in seconds.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.sent: list[bytes] = []
        self.refusals: dict[str, list[str]] = {}
        self.hangs_up = False
        self.slow_s = 0.0
        self.url = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802
        waiting = self.refusals.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        self.sent.append(envelope.content)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.hangs_up:
            server.transport.abort()
        await asyncio.sleep(self.slow_s)
        return "250 taken"

    def to(self) -> list[str]:
        """Whom the letters are for, in order."""
        return [str(letter["To"]) for letter in self.letters]


@contextmanager
def smtp_server() -> Iterator[LetterBox]:
    """The server, for the time of a block."""
    box = LetterBox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield box
    finally:
        controller.stop()
