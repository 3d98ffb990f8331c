"""What the API refuses by itself: each has a code in English for programs, and a sentence in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.errors import RelaisError


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong of one field: its dotted name, a code, a French sentence. Never its value."""

    field: str
    code: str
    message: str


class ApiError(RelaisError):
    """Root of what the API refuses.

    Attributes:
        code: English, stable: programs may rely on it.
    """

    code = "bad_request"


class InvalidRequest(ApiError):
    """Parameters or a body that the description does not allow."""

    code = "invalid_request"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        names = ", ".join(dict.fromkeys(error.field for error in errors if error.field))
        public = f"Demande refusée, à corriger : {names}." if names else "Le corps de la demande n’a pas la forme attendue."
        super().__init__(f"invalid request: {names}", public=public[:500])
        self.errors = tuple(errors)


class MalformedBody(ApiError):
    """A body that is not the JSON it says."""

    code = "malformed_body"

    def __init__(self, why: str) -> None:
        super().__init__(why, public="Le corps de la demande n’est pas du JSON valide, en UTF-8.")


class NotJson(ApiError):
    """A body of another type than JSON."""

    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("not JSON", public="Le corps de la demande doit être du JSON (Content-Type : application/json).")


class InvalidCursor(ApiError):
    """A cursor that was forged, or belongs to another question."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__("forged or foreign cursor", public="Ce curseur ne vaut rien pour cette demande : recommencer du début.")


class CommuneNotFound(ApiError):
    """No commune bears this code."""

    code = "commune_not_found"

    def __init__(self, code: str) -> None:
        super().__init__(f"no commune {code}", public=f"Aucune commune n’a le code INSEE {code}.")


class UnclearPlace(ApiError):
    """A place that is not one."""

    code = "unclear_place"
    field = "lieu"

    def __init__(self, public: str, suggestions: Sequence[str]) -> None:
        super().__init__("unknown or ambiguous place", public=public)
        self.suggestions = tuple(suggestions)


class KeyRefused(ApiError):
    """No key where one is needed, or one that opens nothing."""

    def __init__(self, code: str, public: str) -> None:
        super().__init__(code, public=public)
        self.code = code


class NotAllowed(ApiError):
    """A key that opens other things, or from other sites."""

    def __init__(self, code: str, public: str) -> None:
        super().__init__(code, public=public)
        self.code = code
