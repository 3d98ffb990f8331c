"""Documents made in a process of their own, while this one writes the index: each takes about as long as the other."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection

from directory.errors import IndexUnavailable, RelaisError
from directory.search.types import SearchDocument

_BATCH = 500
_Produce = Callable[[], Iterable[SearchDocument]]


def produce_apart(produce: _Produce) -> Iterator[SearchDocument]:
    """What a function makes, in its order, made by another process. It waits for who reads: little is held.

    Args:
        produce: It is sent to the process: a function of a module, or a ``partial`` of one.

    Raises:
        IndexUnavailable: The process failed, or was killed, before its end.
    """
    context = multiprocessing.get_context("spawn")  # a fork would share the database's connections and the engine's threads
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, produce), name="relais-documents", daemon=True)
    process.start()
    sender.close()
    try:
        while (batch := _receive(receiver)) is not None:
            yield from batch
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _receive(receiver: Connection) -> list[SearchDocument] | None:
    try:
        received: list[SearchDocument] | str | None = receiver.recv()
    except EOFError:
        received = "the process that makes documents was killed"
    if isinstance(received, str):
        raise IndexUnavailable(received, public="L’index n’a pas pu être construit (le journal dit pourquoi).")
    return received


def _send(sender: Connection, produce: _Produce) -> None:
    try:
        documents = iter(produce())
        while batch := list(islice(documents, _BATCH)):
            sender.send(batch)
        sender.send(None)
    except (RelaisError, OSError) as error:
        sender.send(f"making documents: {error}")
