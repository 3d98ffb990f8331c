"""A plan, for a person: what is added, changed field by field, missed, removed and merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from directory.field_labels import field_label
from relais.output import counted, french_number

_SHOWN = 5
_FIELDS = 6
_WIDE = 60


def print_plan(plan: Mapping[str, Any]) -> None:
    """Print a plan: each sort of change that there is, its first examples, how many more there are."""
    for line in describe_plan(plan):
        click.echo(f"  {line}")


def describe_plan(plan: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a plan, in French."""
    for name, title, write in (
        ("added", "Ajoutées", _named),
        ("changed", "Modifiées", _changed),
        ("missed", "Absentes une première fois (restent publiées)", _named),
        ("removed", "Disparues (fermées là où aucune autre source ne les tient)", _gone),
        ("merged", "Réunies à une autre fiche", _merged),
    ):
        part = plan.get(name)
        if part and part["count"]:
            fields = _fields(part.get("fields", {}))
            yield f"{title} : {french_number(part['count'])}{fields}"
            for example in part["examples"][:_SHOWN]:
                yield from (f"  {line}" for line in write(example))
            if part["count"] > _SHOWN:
                yield f"  … et {counted(part['count'] - _SHOWN, 'autres')}"


def _fields(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda entry: -entry[1])[:_FIELDS]
    told = ", ".join(f"{field_label(name)} {french_number(count)}" for name, count in most)
    more = f", {counted(len(counts) - len(most), 'autres champs')}" if len(counts) > len(most) else ""
    return f" ({told}{more})" if told else ""


def _named(example: Mapping[str, Any]) -> Iterator[str]:
    line = example.get("line")
    yield f"+ {example['name']} [{example['record_id']}{f', ligne {line}' if line else ''}]"


def _gone(example: Mapping[str, Any]) -> Iterator[str]:
    reason = f" : {example['reason']}" if example["reason"] else ""
    yield f"- {example['name']} [{example['record_id']}]{reason}"


def _changed(example: Mapping[str, Any]) -> Iterator[str]:
    yield f"~ {example['name']} [{example['record_id']}]{', de retour' if example['back'] else ''}"
    for change in example["fields"][:_FIELDS]:
        yield f"    {field_label(change['field'])} : {_value(change['before'])} → {_value(change['after'])}"
    if len(example["fields"]) > _FIELDS:
        yield f"    … et {counted(len(example['fields']) - _FIELDS, 'autres champs')}"


def _merged(example: Mapping[str, Any]) -> Iterator[str]:
    name, into = (f"{example[key]} " if example[key] else "" for key in ("name", "into_name"))
    yield f"= {name}[{example['record']}] rejoint {into}[{example['into']}]"


def _value(value: object) -> str:
    """A value as JSON gives it, on one short line."""
    match value:
        case None | "" | []:
            return "(rien)"
        case bool():
            return "oui" if value else "non"
        case list():
            text = ", ".join(map(_value, value))
        case dict():
            text = " ".join(str(part) for part in value.values() if part not in ("", None))
        case _:
            text = " ".join(str(value).split())
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"
