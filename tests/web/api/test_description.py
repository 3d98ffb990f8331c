"""The description is the code: routes, examples, refusals; and the pages that show it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.errors import RelaisError
from directory.services import Services
from web import create_app
from web.api.problems import CODES, code_of, problem
from web.api.refusals import ApiError, KeyRefused, NotAllowed

V1 = "/api/v1"
HERE = Path(__file__).parent
# what describes the API is not part of what it describes
BESIDE = {f"{V1}/openapi.json"}
WANTED = {"recherche", "fiches", "propositions", "cohortes", "lieux", "vocabulaire", "sources", "exports", "changements"}


@pytest.fixture
def description(api: FlaskClient) -> dict[str, Any]:
    return api.get(f"{V1}/openapi.json").get_json()


def test_every_route_is_described_and_every_description_has_its_route(services: Services, description: dict[str, Any]) -> None:
    rules = [rule for rule in create_app(services).url_map.iter_rules() if rule.rule.startswith(V1)]

    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule not in BESIDE
    }

    assert routes == {(path, method) for path, operations in description["paths"].items() for method in operations}
    assert {path.split("/")[3] for path, _ in routes} >= WANTED


def test_the_description_is_openapi_3_1_with_unique_operations_in_french(description: dict[str, Any]) -> None:
    operations = [operation for path in description["paths"].values() for operation in path.values()]

    assert description["openapi"].startswith("3.1.")
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"][-1] == "." for operation in operations)
    assert "$defs" not in str(description)


def test_each_route_says_the_refusals_it_may_answer_as_problem_documents(description: dict[str, Any]) -> None:
    for path in description["paths"].values():
        for operation in path.values():
            assert {"400", "401", "403", "413", "422", "429", "500", "503"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]


def test_the_examples_of_the_description_are_answered(
    api: FlaskClient, description: dict[str, Any], headers: dict[str, str]
) -> None:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            names = {each["name"]: each["schema"].get("examples", each["schema"].get("enum", [None]))[0]
                     for each in operation.get("parameters", ())
                     if each["in"] == "path" or "examples" in each["schema"]}  # fmt: skip
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            schema = description["components"]["schemas"][body["$ref"].rpartition("/")[2]] if body else {}
            example = schema.get("examples", [None])[0]
            if operation["operationId"] == "cohorts":
                example = {"students": description["components"]["schemas"]["ProfileForm"]["examples"]}

            answer = api.open(
                path.format(**names),
                method=method.upper(),
                query_string={name: value for name, value in names.items() if "{" + name + "}" not in path},
                json=example,
                headers=headers,
            )

            assert answer.status_code == 200, (path, answer.text[:300])


def subclasses(kind: type[ApiError]) -> list[type[ApiError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in subclasses(child))]


@pytest.mark.parametrize("kind", [kind for kind in subclasses(ApiError) if kind not in {KeyRefused, NotAllowed}])
def test_each_refusal_has_a_code_with_a_title(kind: type[ApiError]) -> None:
    assert kind.code in CODES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503])
def test_each_status_has_its_problem_document(services: Services, status: int) -> None:
    with create_app(services).test_request_context("/api/v1/x"):
        document = problem(status).get_json()

    assert document["status"] == status
    assert document["code"] in CODES
    assert document["type"].endswith(f"#{document['code']}")


def test_what_breaks_inside_is_not_told(services: Services) -> None:
    broken = RelaisError("cannot open /secret/path", public="Le fichier /secret/path ne s’ouvre pas.")

    with create_app(services).test_request_context("/api/v1/x"):
        document = problem(500, broken).get_json()

    assert "/secret" not in str(document)
    assert code_of(broken) in CODES


def test_the_pages_of_the_api_ask_nothing_of_a_third_party(api: FlaskClient) -> None:
    for path in ("/api/docs", "/api/problemes"):
        answer = api.get(path)

        assert answer.status_code == 200
        assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", answer.text)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert all(f'id="{code}"' in api.get("/api/problemes").text for code in CODES)
    assert api.get("/api/docs/swagger-ui-bundle.js", buffered=True).status_code == 200
    assert api.get("/api/docs/__init__.py").status_code == 404


def run_schemathesis(server: str, key: str, folder: Path, examples: int) -> str:
    """Ask the API all that its description allows and forbids; returns what Schemathesis says."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml"), "run",
        f"{server}{V1}/openapi.json", "--header", f"Authorization: Bearer {key}", "--max-examples", str(examples), "--no-color",
        "--generation-database", "none",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=3000,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


def test_schemathesis_finds_no_failure_in_the_whole_description(api_server: str, key: str, tmp_path: Path) -> None:
    said = run_schemathesis(api_server, key, tmp_path, examples=2)

    tested = re.search(r"Tested: (\d+)", said)
    assert tested is not None
    assert int(tested[1]) >= 15
