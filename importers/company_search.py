"""The company-search API asked from a page: the same reading as of its saved answers (source ``entreprises``), kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from directory.company_register import REGISTER, RegisterAnswer, RegisterUnavailable
from directory.errors import RelaisError
from directory.geocoding.gazetteer import Gazetteer
from directory.http import Fetcher
from directory.identifiers import Siret
from directory.models.record import SourcedRecord
from importers.run import Run
from importers.source import get_source
from importers.sources.entreprises.payloads import read_payload
from importers.sources.entreprises.stock import LeftOut

_UNITS, _EACH = 10, 5
"""Legal units asked for, and establishments of each: what somebody reads through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySearch:
    """Implements CompanyRegister by « recherche-entreprises » (DINUM), or a server that speaks like it.

    Attributes:
        url: Where it is (``https://recherche-entreprises.api.gouv.fr``).
        fetcher: The way out.
        gazetteer: Knows the communes.
        clock: The clock.
    """

    url: str
    fetcher: Fetcher
    gazetteer: Gazetteer
    clock: Callable[[], datetime]

    def search(self, name: str, *, code_commune: str = "", departement: str = "") -> RegisterAnswer:
        """The establishments of a name, as CompanyRegister says."""
        where = {"code_commune": code_commune} if code_commune else {"departement": departement} if departement else {}
        return self._ask(name, **where)

    def find(self, siret: Siret) -> SourcedRecord | None:
        """The open establishment of a number, as CompanyRegister says."""
        # the head office of its legal unit comes along
        return next((record for record in self._ask(siret).records if record.record_id == siret), None)

    def _ask(self, words: str, **where: str) -> RegisterAnswer:
        asked = {"q": words, **where, "page": 1, "per_page": _UNITS, "limite_matching_etablissements": _EACH}
        with self._told(), TemporaryDirectory(prefix="relais-register-") as folder:
            path = self.fetcher.fetch_file(f"{self.url}/search?{urlencode(asked)}", Path(folder))
            answer = json.loads(path.read_bytes())
            if answer["results"] == []:  # nothing to recognise the answer by
                return RegisterAnswer()
            run = Run(source=get_source(REGISTER), paths=(path,), geocoder=self.gazetteer, now=self.clock())
            left = LeftOut()
            return RegisterAnswer(records=tuple(read_payload(run, path, left)), left_out=left.counts.total())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever goes wrong as the one thing that it means to who waits."""
        try:
            yield
        except (RelaisError, OSError, ValueError, TypeError, LookupError, RecursionError) as error:
            why = f"{type(error).__name__}: {error}"[:300]
            public = "Le répertoire des entreprises n’a pas répondu. Réessayez plus tard, ou remplissez la fiche."
            raise RegisterUnavailable(f"{self.url}: {why}", public=public) from error
