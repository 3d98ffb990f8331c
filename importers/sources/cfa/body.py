"""One row of a list → the training body that it describes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from directory.errors import InvalidValue
from directory.identifiers import parse_siret, parse_uai
from directory.models.record import SourcedRecord
from directory.territory import departements
from directory.text import fold
from directory.vocabulary import Kind, Pathway
from importers.addresses import Address, place_address
from importers.building import build_record
from importers.identities import number_identities
from importers.places import commune_point, departement_of_commune
from importers.row import Row
from importers.run import Run
from importers.sources.cfa.lookups import meaning_of_name, meanings
from importers.values import parse_bool, parse_french_date, tidy

_POTENTIAL = re.compile(r"UAI potentielle \d{1,3}")
_IGNORED = (
    "numero_declaration_activite", "Académie", "Région", "Qualiopi", "Nombre de relations", "Nombre de lieux de formation",
    "UAI probable",
)  # fmt: skip
# Signs that say what kind of school it is, and not which: the legal name says more.
_BARE_SIGN = re.compile(
    r"(ogec|lp|lpo|lpp|lgt|lpor|lyp|legta|erea|mfr|mfreo|cfa|cfppa|epl|eplefpa|cci|ccit|greta|gip fcip)( pr| prive)?"
    r"( lyc metier)?|(centre|ctre|ctr)( de| d)? formation( d| des)?( apprentis)?( agricoles)?|ctre acad formation continue"
)
_NOWHERE = Address(street="")
_PREPA = "Propose une prépa-apprentissage (à confirmer : elle dépend d’un financement annuel)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A training body as one list states it.

    Attributes:
        list_name: ``prepa`` or the network whose list it is.
        siret: 14 digits, empty when absent or wrong.
        networks: Networks and category that the list itself says, before the name is read.
    """

    list_name: str
    siret: str
    uai: str
    name: str = ""
    category: str = ""
    networks: tuple[str, ...] = ()
    description: str = ""
    prepa: bool = False
    address: Address = _NOWHERE
    departement: str = ""
    updated_at: date | None = None

    @property
    def record_id(self) -> str:
        """The list and the body's number; a body without a number is known by its name and place."""
        place = "|".join((fold(self.name), fold(self.address.street), self.address.code_postal))
        return f"{self.list_name}-{self.siret or self.uai or hashlib.sha256(place.encode()).hexdigest()[:16]}"

    @property
    def identity(self) -> str:
        """The key that joins it to the same body in other lists, or an empty text."""
        return "".join(number_identities(Kind.PARTNER, "cfa", siret=self.siret))


def read_bare(run: Run, row: Row) -> Body | None:
    """A row that holds numbers and a network only; None when it is refused."""
    siret, uai = _number(run, row, "siret", parse_siret), _number(run, row, "uai", parse_uai)
    network, networks = _networks(run, row)
    if not siret or not network:
        run.refuse(
            row, "siret", row.take("siret"), "Sans nom, ni SIRET valide, ni réseau, cette ligne ne désigne aucun organisme."
        )
        return None
    # the bodies of these networks train apprentices; what each is exactly is said by the list that names it
    category = meanings("reseau")[network].category or "cfa"
    return Body(list_name=network, siret=siret, uai=uai, category=category, networks=networks)


def read_named(run: Run, row: Row) -> Body | None:
    """A row of a list that names its bodies; None when it is refused."""
    row.ignore(*_IGNORED, *(header for header in row.raw if _POTENTIAL.fullmatch(header)))
    is_prepa = row.find("prepa_apprentissage") is not None
    legal, sign = row.take("raison_sociale", to=("name", "category")), row.take("enseigne", to=("name", "category"))
    nature = row.take("nature", to=("category", "description"))
    address = _address(run, row, is_prepa)
    state = "" if is_prepa else row.take("etat_administratif")
    if not legal and not sign:
        return read_bare(run, row)
    siret, uai = _number(run, row, "siret", parse_siret), _number(run, row, "uai", parse_uai)
    list_name, networks = ("prepa", ()) if is_prepa else _networks(run, row)
    refusal = _refusal(list_name, state)
    if refusal:
        run.refuse(row, *refusal)
        return None
    if _is_closed(state):
        known = Body(list_name=list_name, siret=siret, uai=uai, name=choose_name(legal, sign), address=address)
        run.close(row, "etat_administratif", state, "Établissement fermé, dit sa source.", record_id=known.record_id)
        return None
    meaning = meanings("nature").get(nature or "inconnue")
    if meaning is None:
        run.doubt(row, "nature", nature, "Nature inconnue : l’organisme est publié sans elle.")
        meaning = meanings("nature")["inconnue"]
    by_name = meaning_of_name(fold(f"{legal} {sign}"))
    by_network = meanings("reseau")[list_name].category if list_name != "prepa" else ""
    flag = run.read_value(row, "prepa_apprentissage", parse_bool, None, to=("pathways", "description"))
    return Body(
        list_name=list_name,
        siret=siret,
        uai=uai,
        name=choose_name(legal, sign),
        category=by_name.category or by_network or meaning.category,
        networks=tuple(dict.fromkeys((*networks, *by_name.networks, *meaning.networks))),
        description=f"{meaning.text} {_PREPA}" if flag else meaning.text,
        prepa=bool(flag),
        address=address,
        departement=_departement(row),
        updated_at=run.read_value(row, "date_import", parse_french_date, None, to="updated_at"),
    )


def choose_name(legal: str, sign: str) -> str:
    """The name people know: the sign, unless it is missing or only says what kind of school it is; both where they differ.

    >>> choose_name("CTRE CONSULAIRE FORMATION PROFESSION AIN", "CECOF")
    'CECOF (CTRE CONSULAIRE FORMATION PROFESSION AIN)'
    """
    legal, sign = tidy(legal), tidy(sign)
    if not legal or not sign or _BARE_SIGN.fullmatch(fold(sign)):
        return (legal or sign)[:300]
    if fold(sign) in fold(legal):
        return legal[:300]
    return sign[:300] if fold(legal) in fold(sign) else f"{sign} ({legal})"[:300]


def to_record(run: Run, row: Row, body: Body) -> Iterator[SourcedRecord]:
    """The body as a record to publish: one, or none when it had to be set aside."""
    code = body.address.code_commune
    fields = {
        "kind": Kind.PARTNER,
        "category": body.category or "organisme_formation",
        "name": body.name,
        "description": body.description,
        "address": body.address.street,
        "code_postal": body.address.code_postal or None,
        "code_commune": code or None,
        "code_departement": (departement_of_commune(code) if code else body.departement) or None,
        "networks": body.networks,
        "pathways": (Pathway.APPRENTICESHIP, Pathway.TRAINING, Pathway.SUPPORT) if body.prepa else (),
        "siret": body.siret or None,
        "uai": body.uai or None,
        "updated_at": body.updated_at,
    } | commune_point(run, code)
    identities = (body.identity,) if body.identity else ()
    record = build_record(run, row, body.record_id, fields, identities=identities)
    if record is not None:
        yield record


def _number(run: Run, row: Row, column: str, parse: Callable[[str], str]) -> str:
    text = row.take(column, to=column)
    try:
        return parse(text) if text else ""
    except InvalidValue as error:
        run.doubt(row, column, text, error.public)
        return ""


def _networks(run: Run, row: Row) -> tuple[str, tuple[str, ...]]:
    """The network whose list it is, and the networks that the body is of today (« agri|mfr »)."""
    current = row.find("reseaux_a_jour", to=("networks", "category")) or ""
    former = row.find("reseaux", to="networks") or ""
    known = meanings("reseau")
    words = [word for word in re.split(r"[|,;/\s]+", current.lower()) if word]
    for word in words:
        if word not in known:
            run.note("Réseaux à jour", word, "Réseau inconnu : il n’est pas repris.", line=row.line)
    of_list = [word for word in (*words, *re.split(r"[|,;/\s]+", former.lower())) if known.get(word) and known[word].networks]
    if of_list and not words:
        run.doubt(row, "Réseaux à jour", former, "« Réseaux » et « Réseaux à jour » se contredisent : publié sans réseau.")
    networks = tuple(name for word in words if word in known for name in known[word].networks)
    return (of_list[0] if of_list else ""), networks


def _address(run: Run, row: Row, is_prepa: bool) -> Address:
    text = row.take("adresse", to=("address", "code_postal", "code_commune"))
    commune = row.take("commune", to="code_commune") if is_prepa else ""
    departement = row.take("departement", to="code_commune") if is_prepa else ""
    address = place_address(text, run.geocoder, commune=commune, departement=departement)
    if not address.code_commune and (text or commune):
        where = address.commune or commune or text
        run.doubt(row, "adresse", text or commune, f"Commune non reconnue avec certitude : « {where[:120]} ».")
    return address


def _departement(row: Row) -> str:
    code = row.find("departement", to="code_departement") or ""
    return code if code in departements() else ""


def _refusal(list_name: str, state: str) -> tuple[str, str, str] | None:
    """The column, the text and the reason for which a row is set aside; None when it is not."""
    if not list_name:
        return "Réseaux à jour", "", "Aucun réseau connu dans cette ligne."
    if state and state.lower() not in meanings("etat"):
        return "etat_administratif", state, "État administratif inconnu."
    return None


def _is_closed(state: str) -> bool:
    meaning = meanings("etat").get(state.lower())
    return meaning is not None and meaning.text != "publier"
