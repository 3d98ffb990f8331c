"""Every line that the suite logs, read for what no log may hold: what tests type of people, needs and homes."""

from __future__ import annotations

import logging

from relais.logs import JsonLines

ROOMS = ("directory", "matching", "importers", "web", "relais")
PLANTED = (
    # what profiles and dossiers of the tests say of a student
    *("fougères", "foug%c3%a8res", "cuisinier", "logement", "handicap", "enceinte"),
    # people, and how one reaches them
    *("camille", "réservée", "conseillère", "@essai.example", "@ml.example", "+3319900", "01 99 00"),
    # what opens an account or the API
    *("les huîtres de cancale", "bearer ", "secret=", "jeton="),
    # an address of the street
    "rue des essais",
)
"""In small letters. A test that types something else of a person adds it here."""


class LogWatch(logging.Handler):
    """Keeps the lines that hold what no log may."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(JsonLines())
        self.seen, self.lines = 0, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Read one line, as it would be written."""
        line = self.format(record)
        self.seen += 1
        if any(word in line.lower() for word in PLANTED):
            self.lines.append(line)

    def watch(self) -> None:
        """Read all that our rooms say, down to what an operator does not ask for, and the warnings of the others."""
        logging.getLogger().addHandler(self)
        # the development server, which tests alone run, would write whole addresses: it sets its own level unless it has one
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        for room in ROOMS:
            logging.getLogger(room).setLevel(logging.DEBUG)
