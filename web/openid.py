"""Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce, by Authlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from directory.errors import DirectoryError
from directory.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.flask_client.apps import FlaskOAuth2App

_SECONDS = 10
_NAME = "oidc"


class ProviderFailed(DirectoryError):
    """The provider did not answer, or what it answered cannot be believed."""

    def __init__(self, reason: str, public: str) -> None:
        super().__init__(f"OpenID Connect: {reason}", public=public)


class ProviderSilent(ProviderFailed):
    """The provider does not answer, or answers that it cannot."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, _SILENT)


class UnknownPerson(DirectoryError):
    """The provider knows who this is, and no account does."""

    def __init__(self) -> None:
        public = (
            "Vous êtes bien reconnu, mais aucun compte de Relais n’est le vôtre. "
            "Si vous en avez un, ouvrez le lien reçu ou connectez-vous par mot de passe, puis reliez-le ; sinon, demandez-en un."
        )
        super().__init__("no account for this identity", public=public)


class AnotherLycee(DirectoryError):
    """The provider says of a référent another lycée than their account's: what they followed there is not theirs any more."""

    def __init__(self) -> None:
        public = (
            "Votre compte est celui d’un autre lycée que celui où vous êtes aujourd’hui : "
            "demandez à l’administrateur de Relais de le changer."
        )
        super().__init__("the provider says another lycée", public=public)


class NoLycee(DirectoryError):
    """The provider should say of which lycée a référent is, and says nothing: a lycée's dossiers are not opened on no word."""

    def __init__(self) -> None:
        public = (
            "Le fournisseur d’identité ne dit pas de quel lycée vous êtes : Relais n’ouvre pas les dossiers. "
            "Connectez-vous par mot de passe, ou signalez-le à l’administrateur de Relais."
        )
        super().__init__("the provider says no lycée", public=public)


def install(app: Flask, settings: Settings) -> None:
    """Know the provider that the settings name; nothing where they name none."""
    app.context_processor(lambda: {"provider_label": settings.oidc_label if settings.oidc_issuer else ""})
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth  # noqa: PLC0415  (slow to import, of no use to who has no provider)

    oauth = OAuth(app)
    oauth.register(
        _NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", "default_timeout": _SECONDS},
    )
    app.extensions["relais-oidc"] = oauth


def has_provider() -> bool:
    """Whether the instance has one."""
    return "relais-oidc" in current_app.extensions


def redirect_to_provider(back: str) -> Any:
    """Send the browser to the provider, which sends it back to an address of ours.

    Raises:
        ProviderSilent: It does not answer.
        ProviderFailed: What it says of itself cannot be believed.
    """
    with _explained():
        return _client().authorize_redirect(back)


def read_answer(settings: Settings) -> dict[str, Any]:
    """The claims of the person who comes back: its token's signature, issuer, audience, dates and nonce hold.

    Raises:
        ProviderSilent: It does not answer.
        ProviderFailed: It refused, or its answer cannot be believed.
    """
    options = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "sub": {"essential": True},
    }
    with _explained():
        token = _client().authorize_access_token(claims_options=options)
    claims = token.get("userinfo")
    if not claims or not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise ProviderFailed("no identity in the answer", _UNBELIEVABLE)
    return dict(claims)


def end_session_address(back: str) -> str:
    """Where one signs out of the provider too; empty where it has no such page, or does not answer."""
    try:
        with _explained():
            metadata = _client().load_server_metadata()
            if not metadata.get("end_session_endpoint"):
                return ""
            made = _client().create_logout_url(post_logout_redirect_uri=back, client_id=_client().client_id)
    except ProviderFailed:
        return ""
    return str(made["url"])


def _client() -> FlaskOAuth2App:
    client: FlaskOAuth2App = current_app.extensions["relais-oidc"].create_client(_NAME)
    return client


_UNBELIEVABLE = "La réponse du fournisseur d’identité ne peut pas être vérifiée : recommencez."
_DENIED = "Le fournisseur d’identité n’a pas confirmé : la connexion a été annulée ou refusée. Recommencez si vous le souhaitez."
_SILENT = "Le fournisseur d’identité ne répond pas : réessayez dans quelques minutes, ou connectez-vous par mot de passe."


class _explained:  # noqa: N801 - reads as a statement
    """Turns what Authlib and its HTTP client may raise into our error; the text of theirs may quote a token, and is left out."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # loaded with the provider's client, never for who has none
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415

        if isinstance(error, OSError):  # requests' errors are
            raise ProviderSilent(type(error).__name__) from None
        if isinstance(error, AuthlibBaseError) and error.error == "access_denied":  # RFC 6749, 4.1.2.1
            raise ProviderFailed("access denied", _DENIED) from None
        if isinstance(error, AuthlibBaseError | JoseError | ValueError | RuntimeError | KeyError):
            raise ProviderFailed(type(error).__name__, _UNBELIEVABLE) from None
