"""Values of a published cell, one module for each kind.

A ``parse_`` answers an empty value for an empty text, and raises InvalidValue (with a French reason) for a text that it does not
understand. A ``read_`` may answer a Reading: what is certain, with what is not. ``Run.read_value`` turns both into doubts.
"""

from importers.values.ages import Ages, find_ages, parse_ages, read_ages
from importers.values.dates import parse_french_date
from importers.values.hours import read_hours, valid_hours
from importers.values.identifiers import read_code_postal, read_siret, read_uai
from importers.values.numbers import parse_bool, parse_count, parse_degrees
from importers.values.phones import Phone, parse_phones, read_phones
from importers.values.prices import Price, read_price
from importers.values.reading import Reading, optional
from importers.values.sittings import Sittings, read_sittings
from importers.values.text import clean_html, has_markup, mend, says_nothing, tidy, tidy_lines
from importers.values.web import parse_email, parse_url, read_emails, read_urls

__all__ = [
    "Ages",
    "Phone",
    "Price",
    "Reading",
    "Sittings",
    "clean_html",
    "find_ages",
    "has_markup",
    "mend",
    "optional",
    "parse_ages",
    "parse_bool",
    "parse_count",
    "parse_degrees",
    "parse_email",
    "parse_french_date",
    "parse_phones",
    "parse_url",
    "read_ages",
    "read_code_postal",
    "read_emails",
    "read_hours",
    "read_phones",
    "read_price",
    "read_siret",
    "read_sittings",
    "read_uai",
    "read_urls",
    "says_nothing",
    "tidy",
    "tidy_lines",
    "valid_hours",
]
