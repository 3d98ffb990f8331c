"""What every model of the API shares: nothing unknown is accepted, and its schema is made once."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """A model whose unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    _schemas: ClassVar[dict[Any, JsonSchemaValue]] = {}

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> JsonSchemaValue:
        """The schema; made once, because each request's query is read by it."""
        key = (cls, repr(args), repr(sorted(kwargs.items())))
        if key not in Model._schemas:
            Model._schemas[key] = cls._describe(super().model_json_schema(*args, **kwargs))
        return Model._schemas[key]

    @classmethod
    def _describe(cls, schema: JsonSchemaValue) -> JsonSchemaValue:
        return schema


class Parameters(Model):
    """Parameters of an address: one that is absent is absent, never null."""

    @classmethod
    def _describe(cls, schema: JsonSchemaValue) -> JsonSchemaValue:
        for described in schema.get("properties", {}).values():
            for choice in described.pop("anyOf", ()):
                if choice.get("type") != "null":
                    described.update(choice)
            if described.get("default", ...) is None:
                del described["default"]
        return schema


class OpenModel(BaseModel):
    """A model of an answer: fields may be added to it without a new version."""

    model_config = ConfigDict(extra="allow")


def _iso_only(value: object) -> object:
    # pydantic also takes a number for a day
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise PydanticCustomError("date_parsing", "not an ISO day")
    if isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "not an ISO day")
    return value


def _digits_only(value: object) -> object:
    # pydantic also reads « 1_0 », « +5 » and true
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        raise PydanticCustomError("int_parsing", "no digits")
    return value


def _no_text(value: object) -> object:
    if isinstance(value, str | bool):
        raise PydanticCustomError("int_type", "no number of JSON")
    return value


def _true_or_false(value: object) -> object:
    if not isinstance(value, bool):
        raise PydanticCustomError("bool_type", "neither true nor false")
    return value


WrittenNumber = Annotated[int, BeforeValidator(_digits_only)]
"""A whole number of an address."""
Number = Annotated[int, BeforeValidator(_no_text)]
"""A whole number of a body."""
Truth = Annotated[bool, BeforeValidator(_true_or_false)]
Day = Annotated[date, BeforeValidator(_iso_only)]
YesNo = Literal["oui", "non"]
Limit = Annotated[WrittenNumber, Field(ge=1, le=100, description="Nombre de résultats, 100 au plus.")]
Cursor = Annotated[
    str,
    Field(max_length=200, pattern=r"^[A-Za-z0-9_=-]*$", description="Le « next » de la page précédente ; vide pour la première."),
]


class FieldProblem(OpenModel):
    """Ce qui ne va pas dans un champ."""

    field: str
    code: str
    message: str


class Problem(OpenModel):
    """Un refus, selon la RFC 9457 : un code stable en anglais, une phrase en français."""

    type: str = Field(description="Adresse de la page qui décrit ce code.", examples=["/api/problemes#invalid_request"])
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []
    suggestions: list[str] = []
