"""The one table from errors to answers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from flask import Flask

import directory
import matching
import web
from directory.errors import DatabaseBusy, DirectoryError, RelaisError
from web.errors import STATUS, status_of


def every_error() -> list[type[RelaisError]]:
    for room in (directory, matching, web):
        for _ in modules(room):
            pass
    return sorted(set(subclasses(RelaisError)), key=lambda kind: kind.__qualname__)


def modules(room: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def subclasses(kind: type[RelaisError]) -> Iterator[type[RelaisError]]:
    for child in kind.__subclasses__():
        if child.__module__.split(".")[0] in {"directory", "matching", "web"}:
            yield child
            yield from subclasses(child)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_each_error_of_ours_has_its_status_or_one_of_its_own_family(kind: type[RelaisError]) -> None:
    family = [parent for parent in kind.__mro__ if parent in STATUS and parent not in {RelaisError, DirectoryError}]

    assert family or kind in STATUS


def test_an_error_takes_the_status_of_the_nearest_class_above_it() -> None:
    class BusierStill(DatabaseBusy):
        pass

    assert status_of(BusierStill("busy", public="Occupé.")) == 503


@pytest.mark.parametrize(("status", "path"), [(404, "/rien"), (405, "/propositions")])
def test_people_get_a_french_page(make_app: Callable[..., Flask], status: int, path: str) -> None:
    client = make_app().test_client()

    answer = client.delete(path) if status == 405 else client.get(path)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert 'lang="fr"' in answer.text
    assert f"Erreur {status}" in answer.text


def test_health_says_when_the_index_is_absent(make_app: Callable[..., Flask]) -> None:
    class Absent:
        def revision(self) -> None:
            return None

    ready, absent = make_app().test_client().get("/sante"), make_app(index=Absent()).test_client().get("/sante")

    assert (ready.status_code, ready.get_json()["a_jour"]) == (200, True)
    assert absent.status_code == 503
