"""``/exports``: the public directory as files, made while they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from threading import BoundedSemaphore

from flask import Response, current_app, request, url_for
from werkzeug.exceptions import ServiceUnavailable

from directory.models.keys import ApiScope
from directory.vocabulary import Kind
from web.access import public, services, with_key
from web.api.answers import answer, streamed
from web.api.blueprint import blueprint, refusals, secured
from web.api.files import FORMS, public_listings
from web.api.schemas.reference import ExportPath, ExportsAnswer

_AT_ONCE = 2
"""Files that a process sends at once: its other threads go on answering."""
_WAIT_S = 2.0


@blueprint.get("/exports", responses={"200": ExportsAnswer, **refusals(304)}, security=secured())
@public
def list_exports() -> Response:
    """Les exports disponibles."""
    found = [
        {
            "name": name,
            "content_type": form.content_type,
            "url": url_for("api.exports", name=name),
            "description": form.description,
        }
        for name, form in FORMS.items()
    ]
    return answer({"exports": found, "revision": services().repository.revision()})


_FILES = {
    "description": "Le fichier ; compressé (gzip) pour qui l’accepte.",
    "content": {
        "application/x-ndjson": {"schema": {"type": "string"}},
        "text/csv": {"schema": {"type": "string"}},
        "application/geo+json": {"schema": {"type": "object"}},
    },
}


@blueprint.get("/exports/<name>", responses={"200": _FILES, **refusals(304)}, security=secured(ApiScope.EXPORTING))
@with_key(ApiScope.EXPORTING)
def exports(path: ExportPath) -> Response:
    """Toutes les fiches publiques, dans un fichier."""
    return send_file(path.name)


def send_file(name: str, *, kinds: Sequence[Kind] = (), departement: str = "", most: int | None = None) -> Response:
    """A file of listings; nothing is sent to who already has it (ETag).

    Raises:
        ServiceUnavailable: Several are being sent already.
    """
    core, form = services(), FORMS[name]
    tag = "-".join(map(str, ("f1", core.repository.revision(), name, departement, *sorted(kinds))))
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        slots: BoundedSemaphore = current_app.extensions.setdefault("relais-exports", BoundedSemaphore(_AT_ONCE))
        # a file that was read to its end is closed a moment later
        if not slots.acquire(timeout=_WAIT_S):
            raise ServiceUnavailable(retry_after=30)
        found = public_listings(core.repository, kinds=kinds, departement=departement, most=most)
        response = streamed(form.write(found), form.content_type, name)
        response.call_on_close(slots.release)
    response.set_etag(tag, weak=True)
    return response
