"""The words of curation: what each topic is called, and its values in French."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from directory.field_labels import field_label
from directory.models.accounts import Account, Area, Role
from directory.models.curation import HistoryEntry, Topic, TopicState, Values
from directory.models.record import Coverage
from directory.services import Services
from directory.vocabulary import Visibility
from web.facts import write_plain
from web.territories import territory_name

TOPIC_LABELS: Mapping[Topic, str] = {
    Topic.NAME: "Nom",
    Topic.DESCRIPTION: "Présentation",
    Topic.PLACE: "Adresse",
    Topic.CONTACTS: "Contacts",
    Topic.APPROACH: "Précisions sur la démarche",
    Topic.HOURS: "Horaires",
    Topic.AGES: "Âges",
    Topic.CONDITIONS: "Conditions",
    Topic.OFFER: "Ce qui est proposé",
    Topic.OCCUPATIONS: "Métiers",
    Topic.PLACES: "Places",
    Topic.DATES: "Dates",
    Topic.REGISTRATION: "Inscription",
    Topic.VALIDITY: "Période de validité",
    Topic.CATEGORY: "Catégorie",
    Topic.TERRITORY: "Territoire desservi",
    Topic.PUBLICS: "Publics",
    Topic.THEMES: "Thématiques",
    Topic.VISIBILITY: "Visible par",
    Topic.CHECK: "Vérification",
    Topic.CLOSING: "Ouverture de la fiche",
}
VISIBILITY_LABELS: Mapping[Visibility, str] = {
    Visibility.PUBLIC: "Tout le monde",
    Visibility.BASSIN: "Le bassin",
    Visibility.PRIVATE: "L’équipe de l’annuaire seule",
}
BUSY = "Un import publie en ce moment : rien n’est enregistré. Renvoyez dans un instant, ce que vous avez écrit est gardé ici."
_SILENT = frozenset({"code_departement", "latitude", "longitude", "precision", "code_commune"})
"""Fields that follow from others, and say nothing to people."""

Territory = Callable[[Coverage], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a moment of a listing's life, in French."""

    field: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def write_values(topic: Topic, values: Values, core: Services) -> list[str]:
    """What is said of a topic, one text for each thing."""
    if topic is Topic.PLACE:
        code = values["code_commune"]
        town = core.gazetteer.commune_name(code) if code else ""
        return [text for text in (values["address"], f"{values['code_postal'] or ''} {town}".strip()) if text]
    if topic is Topic.VISIBILITY:
        return [VISIBILITY_LABELS[values["visibility"]]]
    territory = partial(territory_name, gazetteer=core.gazetteer, bassins=core.repository.load_bassins())
    written: list[str] = []
    for field, value in values.items():
        if field == "event_state" and not values["occurrences"]:
            continue
        texts = write_plain(field, value, territory)
        many = len(values) > 1 and field not in {"occurrences", "checked_by"}
        written += (f"{field_label(field)} : {text}" for text in texts) if many else texts
    return written


def list_changes(entry: HistoryEntry, viewer: Visibility, territory: Territory) -> Iterator[Change]:
    """What changed at one moment, without what the viewer may not see, nor what only machines read."""
    for field, (before, after) in entry.changes.items():
        if field not in _SILENT:
            told = [write_plain(field, _seen(field, value, viewer), territory) for value in (before, after)]
            if told[0] != told[1]:
                yield Change(field, field_label(field), *told)


def seen_by(state: TopicState, viewer: Visibility) -> TopicState:
    """A topic without the contacts that the viewer may not see."""
    if state.topic is not Topic.CONTACTS:
        return state

    said = state.statement
    if said is not None:
        said = replace(said, values=seen_values(said.values, viewer), hidden=seen_values(said.hidden, viewer))
    return replace(state, shown=seen_values(state.shown, viewer), told=seen_values(state.told, viewer), statement=said)


def seen_values(values: Values, viewer: Visibility) -> Values:
    """The values of the topic of contacts without those that the viewer may not see."""
    return {"contacts": _seen("contacts", values["contacts"], viewer)}


def with_unseen(values: Values, shown: Values, viewer: Visibility) -> Values:
    """The contacts that are stated, with those that whoever states them was not shown: they are not lost."""
    if "contacts" not in values:
        return values
    seen = _seen("contacts", shown["contacts"], viewer)
    return {"contacts": [*values["contacts"], *(each for each in shown["contacts"] if each not in seen)]}


def viewer_of(account: Account) -> Visibility:
    """What an account may see of listings: those of everyone, and all of them for who keeps the instance."""
    return Visibility.PRIVATE if account.role is Role.ADMINISTRATOR else Visibility.PUBLIC


def checker(account: Account, core: Services) -> str:
    """Who checked, as everyone may read it: never a person's name or address."""
    if account.area is Area.LYCEE:
        lycee = core.gazetteer.find_lycee(account.code)
        return f"le bureau des entreprises ({lycee.name})" if lycee else "un bureau des entreprises"
    return "un bureau des entreprises" if account.role is Role.BUREAU else "l’équipe de l’annuaire"


def _seen(field: str, value: Any, viewer: Visibility) -> Any:
    if field != "contacts":
        return value
    order = list(Visibility)
    return [each for each in value or () if order.index(Visibility(each["visibility"])) >= order.index(viewer)]
