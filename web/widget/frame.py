"""The widget's script, and the page that it frames in the pages of the sites that have a key for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from directory.api_keys import parse_origin
from directory.errors import InvalidQuery, InvalidValue
from directory.models.statistics import Channel
from web.access import embeddable, public, services
from web.api.callers import site_key
from web.api.refusals import NotAllowed
from web.counting import count_search
from web.params import search_query
from web.security import allow
from web.widget.asking import OF_THE_FRAME, OF_THE_SEARCH, Look, find, given, query_string, read_look
from web.widget.colours import choose_colours, read_colour

pages = Blueprint("widget", __name__)


@pages.get("/widget/v1.js")
@embeddable
@public
def script() -> Response:
    """The custom element, for the pages of any site; what it frames opens for the sites that have a key alone."""
    response = Response(_read_script(), mimetype="text/javascript")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)  # in place
    return response


@cache
def _read_script() -> bytes:
    return (Path(__file__).parents[1] / "static" / "js" / "widget.js").read_bytes()


@pages.get("/widget/couleurs.css")
@public
def colours() -> Response:
    """The colours of a frame, as a stylesheet: its policy allows no style within the page."""
    look = Look()
    accent = read_colour("couleur", request.args.get("couleur", "")) or look.accent
    ground = read_colour("fond", request.args.get("fond", "")) or look.ground
    return Response(choose_colours(accent, ground).css(), mimetype="text/css")


@pages.get("/widget/recherche")
@public
def frame() -> str | tuple[str, int]:
    """The search within the page of a site that has a key for it.

    Raises:
        NotAllowed: A site that has none.
    """
    args, site = request.args, _site()
    allow("frame-ancestors", "'self'", *([site] if site else []))
    try:
        look = read_look(args)
        found = find(args, look.results)
    except InvalidQuery as error:
        return _render(args, site, Look(), error=error.public), 400
    if args.get("asked"):  # not each time that a page which shows it is opened
        count_search(Channel.WIDGET, search_query(args), found.answer)
    page = found.answer.page
    following = {**_same(args, site), "suite": [page.next], "asked": ["1"]} if page.next else None
    return _render(
        args,
        site,
        look,
        found=found,
        next=f"{url_for('widget.frame')}?{query_string(following)}#resultats" if following else None,
        everything=f"{url_for('search.search')}?{query_string(given(args, OF_THE_SEARCH))}",
    )


def _render(args: MultiDict[str, str], site: str, look: Look, **more: object) -> str:
    again = args.get("asked") == "1"
    return render_template(
        "widget/frame.html",
        args=args,
        site=site,
        look=look,
        asked=again,
        kept=_same(args, site, "q"),
        now=services().clock(),
        **more,
    )


def _same(args: MultiDict[str, str], site: str, *without: str) -> dict[str, list[str]]:
    """The parameters of the same frame, from its first page."""
    return {**given(args, (*OF_THE_SEARCH, *OF_THE_FRAME), without), **({"site": [site]} if site else {})}


def _site() -> str:
    """The site around the frame: told by the widget, else by the browser; empty when the page is on its own, or in ours.

    A lie opens nothing: the browser holds the frame to the site that is named.
    """
    told = request.args.get("site", "").strip()
    if not told:
        return _referring_site()
    try:
        site = parse_origin(told)
    except InvalidValue as error:
        raise NotAllowed("origin_not_allowed", error.public) from error
    if site == request.host_url.rstrip("/"):
        return site
    if not site_key(site):
        raise NotAllowed("origin_not_allowed", f"Le site {site} n’a pas de clé pour montrer cette recherche dans ses pages.")
    return site


def _referring_site() -> str:
    """The origin of the page that frames, where the browser tells it and it has a key: a link from anywhere opens as well."""
    try:
        parts = urlsplit(request.headers.get("Referer", ""))
        site = parse_origin(f"{parts.scheme}://{parts.netloc}")
    except (ValueError, InvalidValue):
        return ""
    return site if site_key(site) else ""
