"""Which column is what, proposed from the headers *and* the contents, each with its confidence and its reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

from directory.text import fold
from directory.vocabulary import Kind, categories
from importers.errors import StructureChanged
from importers.reading import read_table
from importers.source import Column, Source
from importers.sources.tableur.guesses import Guess, Proposal
from importers.sources.tableur.recognisers import RECOGNISERS, Values
from importers.structures import guess_category

_SAMPLE = 400
_EXAMPLES = 3
_LONGEST_EXAMPLE = 80
_CERTAIN = 0.5
"""Confidence from which a column is read."""

# Natures told by their form: where the form is right the header hardly matters.
_FORMS = (
    "siret", "uai", "courriel", "site", "telephone", "code_postal", "code_insee", "commune", "departement", "latitude",
    "longitude", "adresse", "code_naf", "rome", "ages", "horaires", "heures", "thematiques", "propose",
)  # fmt: skip
# Forms too loose to be believed without a header that says so.
_LOOSE = frozenset({"departement", "code_insee", "heures", "horaires", "ages", "thematiques"})
# Natures that are recognised so that they are not taken for another; no field keeps them.
_UNKEPT = {"siren": "un SIREN", "region": "une région ou une académie", "jour": "une date"}
# Fields of which several columns are read together.
_TOGETHER = frozenset({"adresse", "telephone", "contact"})
# What a list of structures, companies or events has beside their names.
_TELLING = frozenset({
    "siret", "uai", "courriel", "site", "telephone", "code_postal", "code_insee", "commune", "adresse", "bassin", "date",
})  # fmt: skip
_LABELS = {
    "siret": "SIRET", "uai": "UAI", "courriel": "courriel", "site": "adresse de site", "telephone": "numéro de téléphone",
    "code_postal": "code postal", "code_insee": "code INSEE", "commune": "commune", "departement": "département",
    "latitude": "latitude", "longitude": "longitude", "adresse": "adresse", "code_naf": "code NAF", "rome": "code ROME",
    "ages": "âges", "horaires": "horaires", "heures": "heures", "thematiques": "thématique", "propose": "type d’accueil",
    "contact": "nom de personne", "structure": "nom de structure connu",
}  # fmt: skip


def propose(path: Path, source: Source, max_bytes: int, sheet: str = "") -> Proposal:
    """Look at a file and say how it would be read.

    Args:
        path: The file.
        source: The source ``tableur``, whose columns are the fields.
        max_bytes: Largest file accepted.
        sheet: The sheet to read; empty to choose.

    Raises:
        UnreadableFile: See importers.reading.
        StructureChanged: No column gives a name.
    """
    proposal = examine(path, source, max_bytes, sheet)
    found = proposal.columns().keys()
    if "nom" in found and not found & _TELLING:
        raise StructureChanged(
            f"{path}: names alone, columns {sorted(found)}",
            public=f"« {path.name[:120]} » n’a ni lieu, ni contact, ni identifiant : ce n’est pas une liste de structures, rien "
            "n’est publié. Si c’en est une, le dire par une correspondance (relais mapping propose).",
        )
    if "nom" not in found:
        headers = ", ".join(guess.header for guess in proposal.guesses)[:300]
        raise StructureChanged(
            f"{path}: no column is a name, headers {headers}",
            public=f"Aucune colonne de « {path.name[:120]} » ne donne de « nom » (en-têtes lus : {headers}) : rien n’est publié. "
            "Dire laquelle par une correspondance (relais mapping propose).",
        )
    return proposal


def examine(path: Path, source: Source, max_bytes: int, sheet: str = "") -> Proposal:
    """Like ``propose``, of a file that may give no name."""
    declared = {name: replace(column, required=False) for name, column in source.columns.items()}
    table = read_table(path, declared, max_bytes, sheet)
    if len(table.resolved) < 2:
        table = read_table(path, {}, max_bytes, sheet)
    rows = [row.cells for row in islice(table.rows, _SAMPLE)]
    values = {header: Values.of([cells[header] for cells in rows]) for header in table.headers}
    guesses = _assign(values, source)
    kind, category, why = _what_rows_are(guesses, values, fold(path.stem))
    examples = {
        header: tuple(dict.fromkeys(cells[header][:_LONGEST_EXAMPLE] for cells in rows if cells[header]))[:_EXAMPLES]
        for header in table.headers
    }
    return Proposal(guesses, kind, category, why, sheet, examples, table.sheet, table.sheets)


# ---------------------------------------------------------------- columns
_NAMELESS = re.compile(r"Colonne \d+")


def _assign(values: Mapping[str, Values], source: Source) -> tuple[Guess, ...]:
    """The best field of each column: the surest first, a field twice only where its columns are read together."""
    candidates: list[tuple[int, int, Guess]] = []
    for rank, (header, column) in enumerate(values.items()):
        # near as near: the first of « UAI validée » and « UAI probable » is the one that the author means
        candidates += [(-round(guess.confidence / 0.06), rank, guess) for guess in _candidates(header, column, source)]
    chosen: dict[str, Guess] = {}
    taken: Counter[str] = Counter()
    refused: dict[str, Guess] = {}
    for _, _, guess in sorted(candidates, key=lambda entry: entry[:2]):
        if guess.header in chosen:
            continue
        if guess.field in _UNKEPT or guess.confidence < _CERTAIN:
            refused.setdefault(guess.header, guess)
            if guess.field in _UNKEPT and guess.confidence >= _CERTAIN:
                chosen[guess.header] = Guess(guess.header, "", guess.confidence, (*guess.reasons, "aucun champ ne le garde"))
            continue
        if taken[guess.field] and not _goes_with(guess, chosen, taken):
            refused.setdefault(guess.header, Guess(guess.header, guess.field, 0.0, ("une autre colonne convient mieux",)))
            continue
        taken[guess.field] += 1
        chosen[guess.header] = guess
    if not taken["nom"] and all(map(_NAMELESS.fullmatch, values)):
        alone = [guess for _, _, guess in candidates if guess.field == "nom" and guess.header not in chosen]
        why = "tableau sans en-têtes : sa première colonne de textes tous différents"
        chosen |= {guess.header: replace(guess, confidence=_CERTAIN, reasons=(why,)) for guess in alone[:1]}
    return tuple(chosen.get(header) or _unread(header, refused.get(header), values[header]) for header in values)


def _goes_with(guess: Guess, chosen: Mapping[str, Guess], taken: Mapping[str, int]) -> bool:
    """Whether a second column of a field adds to the first: another phone, the rest of an address, the first name of a person."""
    if guess.field not in _TOGETHER or taken[guess.field] >= 4:
        return False
    if guess.field == "contact":
        names = {
            word
            for header in (guess.header, *(g.header for g in chosen.values() if g.field == "contact"))
            for word in _words(header)
        }
        return bool(names & {"prenom", "prenoms"})
    return "l’en-tête le dit" in guess.reasons


def _unread(header: str, best: Guess | None, values: Values) -> Guess:
    if not values.texts:
        return Guess(header, "", 1.0, ("colonne vide",))
    if best is None or not best.field or best.field in _UNKEPT:
        return Guess(header, "", 0.0, best.reasons if best else ("rien n’y est reconnu",))
    return Guess(header, "", best.confidence, (f"peut-être « {best.field} », pas assez sûr", *best.reasons))


def _candidates(header: str, values: Values, source: Source) -> list[Guess]:
    likeness = {column.name: _likeness(header, column) for column in source.columns.values()}
    shares = {name: values.share(name) for name in (*_FORMS, *_UNKEPT)} if values.texts else {}
    if "fax" in _words(header):
        return [Guess(header, "", 0.0, ("un fax",))]
    sure = max(((share, name) for name, share in shares.items() if name not in _LOOSE), default=(0.0, ""))
    found = [_by_form(header, name, likeness.get(name, 0.0), shares.get(name), values) for name in (*_FORMS, *_UNKEPT)]
    found += [
        _by_words(header, column.name, likeness[column.name], values, sure)
        for column in source.columns.values()
        if column.name not in _FORMS
    ]
    return [guess for guess in found if guess.confidence > 0.2]


def _by_form(header: str, name: str, likeness: float, share: float | None, values: Values) -> Guess:
    """A field whose values have a form: what they are counts as much as what they are called."""
    reasons = [_header_reason(likeness)] if likeness else []
    if share is None:
        return Guess(header, name, 0.5 if likeness == 1 else 0.0, (*reasons, "colonne vide"))
    if name in _UNKEPT:
        return Guess(
            header, name, share * 0.8 if share >= 0.6 else 0.0, (f"{french_share(share)} des valeurs sont {_UNKEPT[name]}",)
        )
    if likeness and f"{name} sans zéro" in RECOGNISERS:
        share = max(share, values.share(f"{name} sans zéro"))
    reasons.append(f"{french_share(share)} des valeurs ont la forme « {_LABELS[name]} »")
    if share < 0.3:
        return Guess(header, name, 0.55 if likeness == 1 and name not in {"departement", "code_insee"} else 0.0, tuple(reasons))
    alone = -0.15 if name in _LOOSE or share < 0.7 else 0.2 * min(1.0, len(set(values.texts)) / 2)
    return Guess(header, name, min(0.99, 0.55 * share + (max(0.44 * likeness, alone) if likeness else alone)), tuple(reasons))


def _by_words(header: str, name: str, likeness: float, values: Values, sure: tuple[float, str]) -> Guess:
    """A field that is words: its header decides, unless its values are plainly something else."""
    reasons = [_header_reason(likeness)] if likeness else []
    base = 0.85 if likeness == 1 else 0.75 * likeness
    allowed = _ALLOWED.get(name, frozenset()) | (frozenset({"commune"}) if likeness == 1 else frozenset())
    if sure[0] >= 0.8 and name not in {"id", "date"} and sure[1] not in allowed:
        return Guess(header, name, 0.0, (*reasons, f"mais ses valeurs sont d’une autre nature ({sure[1]})"))
    content, why = _content(name, values)
    if why:
        reasons.append(why)
    if not likeness:
        return Guess(header, name, content, tuple(reasons))
    unsure = likeness < 1 and (not values.texts or (name == "categorie" and not values.share("structure")))
    if unsure or (content < 0 and name != "nom"):
        return Guess(header, name, 0.0, tuple(reasons))
    return Guess(header, name, min(0.97, base + 0.15 * content), tuple(reasons))


# what the values of a field may look like beside being it: a CCAS named by its commune (« Salon » is a commune, and a type)
_ALLOWED = {
    "nom": frozenset({"commune", "adresse"}),
    "contact": frozenset({"commune"}),
    "bassin": frozenset({"commune", "region"}),
    "categorie": frozenset({"propose"}),
    "description": frozenset({"adresse", "commune"}),
    "conditions": frozenset({"adresse"}),
    "mis_a_jour": frozenset({"jour"}),
    "inscription": frozenset({"site"}),
}


def _content(name: str, values: Values) -> tuple[float, str]:
    """How far the values alone make a field of words likely (0 to 1; below 0: they rule it out), and why."""
    if not values.texts:
        return 0.0, "colonne vide"
    judge = _JUDGES.get(name)
    return judge(values) if judge is not None else (0.0, "")


def french_share(share: float) -> str:
    """« 80 % » of 0.8."""
    return f"{share * 100:.0f} %"


def _as_name(values: Values) -> tuple[float, str]:
    known = values.share("structure")
    many = values.distinct >= 0.5 and 3 <= values.length <= 120
    likely = 0.35 + 0.4 * known if known >= 0.3 else 0.3
    return (likely if many else 0.0) - 2 * (1 - values.filled), f"{french_share(known)} des valeurs nomment une structure connue"


def _as_category(values: Values) -> tuple[float, str]:
    known = values.share("structure")
    few = values.distinct <= 0.3 and len(set(values.texts)) >= 3 and values.length < 50
    alone = 0.25 + 0.4 * known if few and known >= 0.5 else 0.0
    return (alone if known or len(values.texts) < 5 else -1.0), f"{french_share(known)} des valeurs sont une catégorie connue"


def _as_person(values: Values) -> tuple[float, str]:
    persons = values.share("contact")
    alone = 0.25 + 0.35 * persons if persons >= 0.8 and values.distinct > 0.3 else 0.0
    return (
        alone if persons >= 0.4 or values.length < 40 else -1.0,
        f"{french_share(persons)} des valeurs ressemblent à des personnes",
    )


def _as_id(values: Values) -> tuple[float, str]:
    own = values.distinct > 0.99 and values.filled > 0.99
    return (0.2, "") if own else (-1.0, "valeurs répétées ou absentes")


def _as_count(values: Values) -> tuple[float, str]:
    return (0.2, "") if values.share("nombre") >= 0.5 else (-1.0, "ce ne sont pas des nombres")


def _as_day(values: Values) -> tuple[float, str]:
    share = values.share("jour")
    return (0.4 if share >= 0.5 else -1.0), f"{french_share(share)} des valeurs sont des dates"


_JUDGES: Mapping[str, Callable[[Values], tuple[float, str]]] = {
    "nom": _as_name,
    "categorie": _as_category,
    "contact": _as_person,
    "id": _as_id,
    "places": _as_count,
    "date": _as_day,
    "mis_a_jour": _as_day,
    "inscription": lambda values: (0.4, "des adresses de pages") if values.share("site") >= 0.8 else (0.0, ""),
    "description": lambda values: (0.4, "textes longs") if values.length > 60 else (0.0, ""),
}


def _header_reason(likeness: float) -> str:
    return "l’en-tête le dit" if likeness == 1 else "l’en-tête le laisse penser"


def _likeness(header: str, column: Column) -> float:
    """1 when a header is one of those declared for a column; below, the share of its words that a declared one explains."""
    key = fold(" ".join(_split(header)))
    known = _folded(column.headers)
    if key.replace(" ", "") in {"".join(one.split()) for one, _ in known}:
        return 1.0
    if column.name in {"date", "id", "heures"}:  # « Date de naissance », « Code académie » : these words say nothing alone
        return 0.0
    words = frozenset(key.split()) - _EMPTY_WORDS
    return min(0.9, max((0.5 + 0.4 * len(wanted) / len(words) for _, wanted in known if wanted and wanted <= words), default=0.0))


@cache
def _folded(headers: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Declared headers, folded, with the words of theirs that say something."""
    return tuple((key, frozenset(key.split()) - _EMPTY_WORDS) for key in map(fold, headers))


_EMPTY_WORDS = frozenset("de du des d l la le les et ou a au aux en n no".split())  # noqa: SIM905


def _words(header: str) -> frozenset[str]:
    return frozenset(fold(" ".join(_split(header))).split())


def _split(header: str) -> list[str]:
    """The words of a header, « libelleCommuneEtablissement » and « code_postal2 » taken apart."""
    return re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z0-9])|_", " ", header).split()


# ---------------------------------------------------------------- rows
_TRAINING = frozenset({"qualiopi", "declaration", "formateur", "uai validee"})


def _what_rows_are(guesses: Sequence[Guess], values: Mapping[str, Values], title: str) -> tuple[Kind, str, str]:
    by_field = {guess.field: guess.header for guess in guesses if guess.field}
    names = values[by_field["nom"]].texts if "nom" in by_field else ()
    own = values[by_field["categorie"]].texts if "categorie" in by_field else ()
    found = Counter(category for text in names if (category := guess_category(text)) is not None)
    known = sum(found.values()) / max(1, len(names))
    headers = {word for header in values for word in _words(header)}
    company = [by_field[name] for name in ("siret", "code_naf", "propose") if name in by_field]
    if "date" in by_field and "siret" not in by_field:
        return Kind.EVENT, "", f"des événements : la colonne « {by_field['date']} » donne une date à chaque ligne"
    if known < 0.3 and headers & _TRAINING:
        return Kind.PARTNER, "organisme_formation", "des organismes de formation : les colonnes sont celles de leurs listes"
    if company and known < 0.3 and "uai" not in by_field and not _says_partner(own):
        why = f"des entreprises : colonnes {', '.join(company)}, et des noms qui ne sont pas ceux de structures connues"
        return Kind.COMPANY, "entreprise", why
    return Kind.PARTNER, *_what_partners_are(by_field, found, known, title)


def _what_partners_are(by_field: Mapping[str, str], found: Counter[str], known: float, title: str) -> tuple[str, str]:
    if "categorie" in by_field:
        return "", f"des partenaires : la colonne « {by_field['categorie']} » dit ce qu’est chacun"
    if known >= 0.3:
        labels = ", ".join(categories()[category].label for category, _ in found.most_common(3))
        return "", f"des partenaires : {french_share(known)} des noms disent ce qu’ils sont ({labels})"
    category = guess_category(title)
    if category is not None and Kind.PARTNER in categories()[category].kinds:
        return category, f"des partenaires, « {categories()[category].label} » d’après le nom du fichier"
    return "", "des partenaires, faute de mieux : rien ne dit ce que sont les lignes (« category » le dirait)"


def _says_partner(texts: Sequence[str]) -> bool:
    return sum(guess_category(text) is not None for text in texts) > len(texts) / 2
