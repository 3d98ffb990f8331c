"""The log: one line for each thing, for people or as JSON, with the request's id; no value of an error that is not ours."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from directory import tracing
from directory.errors import InvalidSetting, describe
from directory.settings import read_settings

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_log() -> None:
    """Write this process's log to standard error, as the settings ask; plainly where they cannot be read (told elsewhere)."""
    try:
        settings = read_settings()
        form, requests = settings.log, settings.log_requests
    except InvalidSetting:
        form, requests = "texte", False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("web.watching").setLevel(logging.INFO if requests else logging.WARNING)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, ``request``, ``error``, and what is added."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """The same for people: level, name and message, then ``name=value``, and an error on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        fields = fields_of(record)
        errors = fields.pop("error", [])
        beside = "".join(f" {name}={value}" for name, value in fields.items())
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}{beside}"]
        for each in errors:
            lines += [f"  {each['type']}: {each['message']}".rstrip(" :"), *(f"    {where}" for where in each["at"])]
        return "\n".join(lines)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says beside its message: the request under way, what the caller gave as ``extra``, the error's chain."""
    found = {name: value for name, value in vars(record).items() if name not in _USUAL}
    if record.exc_info and record.exc_info[1] is not None:
        found["error"] = describe(record.exc_info[1])
    trace = tracing.current()
    return {"request": trace.id, **found} if trace is not None and "request" not in found else found
