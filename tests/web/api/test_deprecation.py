"""A route whose end is announced says so in each of its answers, and in the description."""

from __future__ import annotations

from datetime import date

import pytest

from directory.services import Services
from web import create_app
from web.api.deprecation import deprecated

ANNOUNCED, ENDS = date(2027, 1, 1), date(2028, 1, 1)


def test_a_route_that_ends_says_when_and_what_to_change_in_every_answer(services: Services) -> None:
    app = create_app(services)
    app.view_functions["api.sources"] = deprecated(ANNOUNCED, ENDS, "/api/docs")(app.view_functions["api.sources"])
    client = app.test_client()

    answers = [
        client.get("/api/v1/sources"),
        client.head("/api/v1/sources"),
        client.get("/api/v1/sources", headers={"Authorization": "Bearer wrong"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 401]
    for answer in answers:
        assert answer.headers["Deprecation"] == "@1798761600"
        assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
        assert '</api/docs>; rel="deprecation"' in answer.headers["Link"]
    described = client.get("/api/v1/openapi.json").get_json()["paths"]
    assert described["/api/v1/sources"]["get"]["deprecated"] is True
    assert not described["/api/v1/lieux"]["get"].get("deprecated")
    assert "Deprecation" not in client.get("/api/v1/lieux?q=rennes").headers


def test_an_end_sooner_than_twelve_months_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="may not end"):
        deprecated(ANNOUNCED, date(2027, 12, 31), "/api/docs")
