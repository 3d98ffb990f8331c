"""``/fiches`` and ``/changements``: the public listings, one by one, page by page, or as they change."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for

from directory.listing_form import INSIDE, link_to_json, listing_to_json
from directory.models.published import FactOrigin, ListingChange
from web.access import public, services
from web.api.answers import answer
from web.api.blueprint import blueprint, refusals, secured
from web.api.cursors import read_cursor, write_cursor
from web.api.refusals import InvalidCursor
from web.api.schemas.listings import (
    ChangesPage,
    ChangesParameters,
    ListingDetail,
    ListingPath,
    ListingsPage,
    ListingsParameters,
)


@blueprint.get("/fiches", responses={"200": ListingsPage, **refusals(304)}, security=secured())
@public
def listings(query: ListingsParameters) -> Response:
    """Toutes les fiches publiques, page par page."""
    question = ("listings", *sorted(query.genre), query.departement or "")
    (after,) = read_cursor(question, query.suite, 1)
    found = services().repository.list_page(after, query.limite + 1, kinds=query.genre, departement=query.departement or "")
    shown = found[: query.limite]
    following = write_cursor(question, [shown[-1].pk]) if len(found) > len(shown) else None
    return answer({"listings": [listing_to_json(listing) for listing in shown], "next": following})


@blueprint.get("/fiches/<listing_id>", responses={"200": ListingDetail, **refusals(304, 404)}, security=secured())
@public
def listing(path: ListingPath) -> Response:
    """Une fiche, avec la source de chaque champ. L’ancien identifiant d’une fiche absorbée donne celle qui l’a absorbée."""
    repository = services().repository
    found = repository.get_listing(path.listing_id)
    document = {
        **listing_to_json(found),
        "origins": [_origin(origin) for origin in repository.list_origins(found.id) if origin.field not in INSIDE],
        "services": [link_to_json(link) for link in repository.list_services(found.id)],
    }
    return answer(document, Content_Location=url_for("api.listing", listing_id=found.id))


@blueprint.get("/changements", responses={"200": ChangesPage, **refusals(304)}, security=secured())
@public
def changes(query: ChangesParameters) -> Response:
    """Ce qui a changé depuis un curseur, pour tenir une copie à jour. Sans curseur : depuis le début."""
    revision, pk, mark = read_cursor(("changes",), query.suite, 3)
    repository = services().repository
    if revision > repository.revision() or (mark and _mark(revision) not in {0, mark}):
        raise InvalidCursor  # a backup was restored since
    found, last = repository.list_changes_after((revision, pk), query.limite)
    revision, pk = last or (revision, pk)
    return answer(
        {
            "changes": [_change(each) for each in found],
            "next": write_cursor(("changes",), (revision, pk, _mark(revision))),
            "more": len(found) == query.limite,
        }
    )


def _mark(revision: int) -> int:
    """A part of a revision's mark; 0 for one that has none, or has it no more."""
    return int(services().repository.mark_of(revision)[:12] or "0", 16)


def _origin(origin: FactOrigin) -> dict[str, str]:
    # neither the raw row nor its identifier leaves
    return {
        "field": origin.field,
        "source": origin.source,
        "first_seen": origin.first_seen.isoformat(),
        "last_seen": origin.last_seen.isoformat(),
    }


def _change(change: ListingChange) -> dict[str, Any]:
    listing = change.listing
    what = "removed" if listing is None else "closed" if listing.closed_at else "updated"
    return {
        "revision": change.revision,
        "change": what,
        "id": listing.id if listing else None,
        "id_sha256": change.digest,
        "replaces": list(change.replaces),
        "listing": listing_to_json(listing) if listing else None,
    }
