"""The form of a dossier: what is typed, what is wrong with it, what a note should not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from directory.dossiers import LONGEST_LABEL, LONGEST_NOTE, DossierFields, names_a_person, parse_born, warnings_in
from directory.errors import InvalidValue
from directory.models.dossiers import Diploma, Dossier, DossierState
from directory.models.responses import FILIERE_LENGTH
from directory.occupations import codes_of_domaine, find_occupations, title
from web.params import iso_date

_FARTHEST = timedelta(days=366)


@dataclass(slots=True)
class DossierForm:
    """What was typed, by field, and what is wrong with it.

    Attributes:
        fields: What it says; None where something is wrong.
        warnings: What the note seems to hold that it should not, until whoever wrote says that they read it again.
    """

    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    fields: DossierFields | None = None


def blank_form() -> DossierForm:
    """The form of a student just spotted."""
    return DossierForm({"etat": str(DossierState.SPOTTED), "diplome": str(Diploma.UNKNOWN)})


def french_month(born: str) -> str:
    """A month of birth as it is typed: « 2008-05 » as « 05/2008 »; empty for none."""
    return f"{born[5:]}/{born[:4]}" if born else ""


def form_of(dossier: Dossier) -> DossierForm:
    """The form that shows a dossier."""
    return DossierForm(
        {
            "etat": str(dossier.state),
            "naissance": french_month(dossier.born),
            "diplome": str(dossier.diploma),
            "metier": dossier.filiere,
            "note": dossier.note,
            "rappel": dossier.remind_on.isoformat() if dossier.remind_on else "",
            "version": str(dossier.version),
        }
    )


def read_dossier_form(sent: MultiDict[str, str], today: date) -> DossierForm:
    """Read a form that was sent; everything typed stays in it."""
    form = DossierForm(
        {name: sent.get(name, "") for name in ("etat", "naissance", "diplome", "metier", "note", "rappel", "version")}
    )
    typed, errors = form.typed, form.errors
    if typed["etat"] not in set(DossierState):
        errors["etat"] = "Choisissez où en est l’élève."
    if typed["diplome"] not in set(Diploma):
        errors["diplome"] = "Choisissez une réponse."
    born = filiere = ""
    try:
        born = parse_born(typed["naissance"], today)
    except InvalidValue as error:
        errors["naissance"] = error.public
    try:
        filiere = read_filiere(typed["metier"])
    except InvalidValue as error:
        errors["metier"] = error.public
    note = _plain(typed["note"])
    if len(note) > LONGEST_NOTE:
        errors["note"] = f"Écrivez {LONGEST_NOTE} caractères au plus : il y en a {len(note)}."
    remind_on = _read_day(typed["rappel"], today, errors)
    if "note" not in errors and not sent.get("relu"):
        form.warnings = warnings_in(note)
    if not errors and not form.warnings:
        state, diploma = DossierState(typed["etat"]), Diploma(typed["diplome"])
        form.fields = DossierFields(state=state, born=born, diploma=diploma, filiere=filiere, note=note, remind_on=remind_on)
    return form


def read_filiere(text: str) -> str:
    """The ROME domaine that a text names: a domaine, a code, a trade; empty for none.

    Raises:
        InvalidValue: It names none.
    """
    given = " ".join(text.split())[:200]
    if not given:
        return ""
    code = given.upper()
    if title(code) or (len(code) == FILIERE_LENGTH and codes_of_domaine(code)):
        return code[:FILIERE_LENGTH]
    found = find_occupations(given, limit=1)
    if not found:
        raise InvalidValue(
            "metier", given, "no such trade", public=f"« {given[:80]} » n’est pas un métier connu : essayez un autre mot."
        )
    return found[0].code[:FILIERE_LENGTH]


def read_label(text: str) -> str:
    """The name of a partner outside the directory.

    Raises:
        InvalidValue: Empty, too long, or it seems to name a person.
    """
    label = " ".join(_plain(text).split())
    if not label:
        raise InvalidValue("partenaire", "", "empty", public="Écrivez le nom de l’organisme.")
    if len(label) > LONGEST_LABEL:
        raise InvalidValue("partenaire", label[:40], "too long", public=f"Écrivez {LONGEST_LABEL} caractères au plus.")
    if names_a_person(label):
        raise InvalidValue("partenaire", label, "a person", public="Écrivez l’organisme, sans nom de personne ni numéro.")
    return label


def _plain(text: str) -> str:
    """The text without what cannot be read, its lines kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(each for each in line if each.isprintable()).rstrip() for line in lines).strip()


def _read_day(text: str, today: date, errors: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(iso_date(text.strip())[:10])
    except ValueError:
        errors["rappel"] = f"Cette date n’existe pas : l’écrire comme {today:%d/%m/%Y}."
        return None
    if abs(day - today) > _FARTHEST:
        errors["rappel"] = "Choisissez une date à un an d’ici au plus."
        return None
    return day
