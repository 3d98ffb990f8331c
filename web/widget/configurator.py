"""``/widget``: choose what the widget shows and how, see it, take the code; the list without any script; oEmbed."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.exceptions import NotImplemented as OtherFormat

from directory.api_keys import parse_origin
from directory.errors import InvalidQuery, InvalidValue
from directory.territory import departements
from web.access import embeddable, public, services
from web.api.callers import site_key
from web.facets import DOMAINS
from web.params import RADII_KM
from web.security import allow
from web.sessions import own_address
from web.widget import snippets
from web.widget.asking import (
    ACCENT,
    GROUND,
    MOST,
    OF_THE_FRAME,
    OF_THE_SEARCH,
    TITLE,
    USUAL,
    find,
    given,
    query_string,
    read_look,
)
from web.widget.colours import write_colour

pages = Blueprint("configurator", __name__)

_LANGUAGES = {
    "fr": "français",
    "en": "anglais",
    "ar": "arabe",
    "es": "espagnol",
    "pt": "portugais",
    "tr": "turc",
    "uk": "ukrainien",
}
_USUAL = {"couleur": write_colour(ACCENT), "fond": write_colour(GROUND), "dates": "fr", "nombre": str(USUAL), "titre": TITLE}
_EMBEDDED = frozenset({"/recherche", "/widget/recherche"})


@pages.get("/widget")
@public
def configure() -> str | tuple[str, int]:
    """What the widget shows, live, and the code to paste."""
    args = request.args
    context = {
        "args": args,
        "radii": RADII_KM,
        "departements": departements(),
        "domains": DOMAINS,
        "languages": _LANGUAGES,
        "usual": _USUAL,
        "most": MOST,
        "attributes": snippets.ATTRIBUTES_SAID,
        "site": "",
    }
    try:
        site = _read_site(args.get("site", ""))
        chosen, searched = _chosen(args), given(args, OF_THE_SEARCH)
        look = read_look(args)
        found = find(args, look.results)
    except InvalidQuery as error:
        return render_template("widget/configure.html", **context, error=error.public), 400
    allow("frame-src", "'self'")
    home = own_address()
    listed = render_template("widget/list.html", found=found, home=home, now=services().clock())
    return render_template(
        "widget/configure.html",
        **{**context, "site": site},
        registered=bool(site and site_key(site)),
        preview=snippets.live("", chosen, searched),
        codes={
            "element": snippets.element(home, chosen, searched),
            "cadre": snippets.frame(home, chosen, site=site),
            "liste": listed.strip(),
        },
        list_address=f"{home}/widget/liste.html?{query_string(chosen)}",
        oembed=f"{home}/oembed?{query_string({'url': [f'{home}/recherche?{query_string(searched)}']})}",
    )


def _read_site(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_origin(text.strip().rstrip("/"))
    except InvalidValue as error:
        raise InvalidQuery("site", "not an origin", public=error.public) from error


def _chosen(args: MultiDict[str, str]) -> dict[str, list[str]]:
    """The parameters of the frame that are not as they are anyway."""
    found = given(args, (*OF_THE_SEARCH, *OF_THE_FRAME))
    return {name: values for name, values in found.items() if values != [_USUAL.get(name)]}


@pages.get("/widget/liste.html")
@embeddable
@public
def plain_list() -> Response:
    """The answers as a piece of HTML, for pages that allow neither script nor frame: pasted, or included by the site's server."""
    look = read_look(request.args)
    found = find(request.args, look.results)
    body = render_template("widget/list.html", found=found, home=own_address(), now=services().clock())
    response = Response(body.strip() + "\n", mimetype="text/html")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@pages.get("/oembed")
@embeddable
@public
def oembed() -> Response:
    """The frame of a search, for sites that embed an address by oEmbed 1.0.

    Raises:
        BadRequest: No address, or a size that is none.
        NotFound: An address that is not a search of ours.
        OtherFormat: Another format than JSON.
    """
    if request.args.get("format", "json") != "json":
        raise OtherFormat
    home, address = own_address(), request.args.get("url", "")
    if not address:
        raise BadRequest
    try:
        parts = urlsplit(address)
        args = MultiDict(parse_qsl(parts.query, max_num_fields=50))
    except ValueError as error:
        raise BadRequest from error
    if f"{parts.scheme}://{parts.netloc}" != home or parts.path not in _EMBEDDED:
        raise NotFound
    width = _read_size("maxwidth", snippets.FRAME_WIDTH)
    height = _read_size("maxheight", snippets.FRAME_HEIGHT)
    chosen = given(args, (*OF_THE_SEARCH, *OF_THE_FRAME))
    response = jsonify(
        version="1.0",
        type="rich",
        provider_name="Relais",
        provider_url=home,
        title="".join(chosen.get("titre", [])) or TITLE,
        cache_age=86_400,
        width=width,
        height=height,
        html=snippets.frame(home, chosen, width=width, height=height),
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _read_size(name: str, usual: int) -> int:
    """The size that a site has room for."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise BadRequest
    return min(int(text), usual) or usual
