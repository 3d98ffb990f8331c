"""What is checked of a request before its models see it: the type and size of its body, and parameters given twice."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from web.api.callers import in_api
from web.api.refusals import FieldError, InvalidRequest, MalformedBody, NotJson

MAX_COHORT_BYTES = 256 * 1024


def install(app: Flask) -> None:
    """Check every request of the API, after its key."""
    app.before_request(_check)


def _check() -> None:
    """Refuse what no model should see.

    Raises:
        InvalidRequest: A parameter given twice that takes one value.
        NotJson: A body of another type.
        MalformedBody: A body that is not JSON.
    """
    if not in_api() or request.endpoint is None or request.method == "OPTIONS":
        return
    if request.endpoint == "api.cohorts":
        request.max_content_length = MAX_COHORT_BYTES
    _check_text()
    _check_repeated()
    if request.method == "POST":
        _check_body()


def _check_text() -> None:
    """Refuse an address in another encoding, of which the framework would read something else."""
    wrong: list[str] = []
    for given in request.query_string.split(b"&"):
        text = unquote_to_bytes(given)
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            wrong.append(text.partition(b"=")[0].decode("utf-8", "replace")[:100])
    if wrong:
        raise InvalidRequest([FieldError(name, "not_utf8", "Le texte n’est pas en UTF-8.") for name in dict.fromkeys(wrong)])


def _check_repeated() -> None:
    lists: frozenset[str] = current_app.extensions["relais-lists"].get(request.endpoint, frozenset())
    repeated = [name for name, values in request.args.lists() if len(values) > 1 and name not in lists]
    if repeated:
        raise InvalidRequest([FieldError(name[:100], "repeated", "Ce paramètre n’est donné qu’une fois.") for name in repeated])


def _check_body() -> None:
    if request.mimetype != "application/json" or request.content_encoding:
        raise NotJson
    try:
        # refuses NaN and Infinity, which are not JSON, and fields given twice, of which only one would be read
        body = json.loads(_read().decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise MalformedBody(type(error).__name__) from None
    if not isinstance(body, dict):  # the library would read the JSON that a text holds
        raise InvalidRequest([FieldError("", "model_type", "Un objet JSON est attendu.")])


def _read() -> bytes:
    """The body; one that tells no length is cut at the limit, and would be another."""
    most, body = request.max_content_length, request.get_data()
    if request.content_length is None and most is not None and len(body) >= most:
        raise RequestEntityTooLarge
    return body


def _refuse(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is given twice")
    return found
