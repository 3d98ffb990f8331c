"""Publishing what is not for everyone: who reads which listing, and which contact."""

from __future__ import annotations

import pytest

from directory.errors import ListingNotFound
from directory.models.changes import CURATION
from directory.repository import Repository
from tests.directory.test_publishing import UAI, Publish
from tests.factories import listing, sourced


def test_contacts_are_shown_to_those_they_are_for_and_so_is_what_they_were_read_from(
    repository: Repository, publish: Publish
) -> None:
    publish(
        sourced(
            "1",
            contacts=({"phone": "+33261910001"}, {"name": "Une personne", "email": "p@exemple.fr", "visibility": "bassin"}),
            raw={"Tél": "02 61 91 00 01", "Référent": "Une personne, p@exemple.fr"},
            origins={"contacts": ("Tél", "Référent"), "name": ("Référent",)},
        )
    )  # fmt: skip

    public, near = (repository.get_listing("missions_locales--1", viewer) for viewer in ("public", "bassin"))
    shown = {viewer: str(repository.list_origins("missions_locales--1", viewer)) for viewer in ("public", "bassin")}

    assert [contact.phone for contact in public.record.contacts] == ["+33261910001"]
    assert [contact.name for contact in near.record.contacts] == ["", "Une personne"]
    assert ("p@exemple.fr" in shown["public"], "p@exemple.fr" in shown["bassin"]) == (False, True)


def test_a_listing_is_absent_for_those_it_is_not_for(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", visibility="bassin"), sourced("2"))

    assert [found.id for found in repository.list_listings(["missions_locales--1", "absent", "missions_locales--2"])] == [
        "missions_locales--2"
    ]
    for ask in (repository.get_listing, repository.list_origins):
        with pytest.raises(ListingNotFound):
            ask("missions_locales--1")
    assert repository.get_listing("missions_locales--1", "private").id == "missions_locales--1"


PRIVATE_FACTS = {
    "name": "Nom pour le bassin", "description": "dit au bassin seulement", "visibility": "bassin",
    "contacts": ({"email": "bassin@exemple.fr"},), "coverage": ({"scope": "departement", "code": "22"},),
}  # fmt: skip


@pytest.mark.parametrize("order", [("education", "tableur"), ("tableur", "education")])
def test_what_is_stated_for_a_bassin_neither_hides_nor_shows_itself_in_what_is_stated_for_everyone(
    order: tuple[str, str], repository: Repository, publish: Publish
) -> None:
    stated = {
        "education": sourced("1", "education", identities=(UAI,), name="Nom public"),
        "tableur": sourced("2", "tableur", identities=(UAI,), **PRIVATE_FACTS),
    }

    for source in order:
        publish(stated[source], source=source)

    public = repository.list_listings(["education--1", "tableur--2"])
    near = repository.list_listings(["education--1", "tableur--2"], "bassin")
    assert [found.record.name for found in public] == ["Nom public"]
    assert "bassin" not in str(public[0].record).replace("bassin_label", "")
    assert {found.record.name for found in near} == {"Nom public", "Nom pour le bassin"}
    assert repository.find_name(UAI) == "Nom public"


def test_a_record_that_becomes_public_joins_the_public_listing_and_one_that_no_longer_is_leaves_it(
    repository: Repository, publish: Publish
) -> None:
    publish(sourced("1", "education", identities=(UAI,), name="Nom public"), source="education")
    publish(sourced("2", "tableur", identities=(UAI,), **PRIVATE_FACTS), source="tableur")

    publish(sourced("2", "tableur", identities=(UAI,), **(PRIVATE_FACTS | {"visibility": "public"})), source="tableur", day=1)
    opened = [found.id for found in repository.iterate_listings()]
    publish(sourced("2", "tableur", identities=(UAI,), **PRIVATE_FACTS), source="tableur", day=2)

    assert opened == ["education--1"]
    shown = repository.get_listing("education--1").record
    assert (shown.name, shown.description) == ("Nom public", listing().description)
    assert not [contact for contact in shown.contacts if contact.email]
    assert len(list(repository.iterate_listings())) == 2


def test_a_name_that_only_a_bassin_may_read_names_nothing_public(repository: Repository, publish: Publish) -> None:
    publish(sourced("2", "tableur", identities=(UAI,), **PRIVATE_FACTS), source="tableur")

    assert repository.find_name(UAI) is None


def test_what_a_person_decides_is_about_the_listing_that_most_people_see(repository: Repository, publish: Publish) -> None:
    publish(sourced("2", "tableur", identities=(UAI,), **PRIVATE_FACTS), source="tableur")
    publish(sourced("1", "education", identities=(UAI,), name="Nom public"), source="education")
    publish(sourced("x", CURATION, identities=(UAI,), name="Corrigé"), source=CURATION)

    assert {found.record.name for found in repository.iterate_listings()} == {"Corrigé", "Nom pour le bassin"}
    assert [found.record.visibility for found in repository.list_listings(["education--1"])] == ["public"]
