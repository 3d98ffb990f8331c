"""``relais serve``: the pages, behind gunicorn."""

from __future__ import annotations

import socket
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from directory.errors import RelaisError
from directory.settings import Settings, read_settings
from relais.commands.dossiers import start_purging
from relais.demonstration import refresh_demonstration
from relais.services import build_services
from web import create_app

_THREADS = 4


class PortTaken(RelaisError):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{host}:{port} is taken",
            public=f"Le port {port} est déjà pris : arrêter l’autre programme, ou choisir un autre port (RELAIS_PORT=8001).",
        )


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from our settings and never from files or arguments of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": _THREADS,
            "worker_class": "relais.workers.PatientWorker",
            "timeout": 60,
            "graceful_timeout": 10,
            # a warning of gunicorn quotes the request that it could not read, and the address of who sent it
            "loglevel": "error",
            # an access log would hold query strings, and nobody needs one by default
            "accesslog": None,
            "proc_name": "relais",
            "limit_request_line": 8190,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        services = build_services(self.settings)
        services.keeper.start()
        start_purging(services)
        return create_app(services)


@click.command()
def serve() -> None:
    """Servir les pages (RELAIS_HOST, RELAIS_PORT)."""
    run_server(read_settings())


def run_server(settings: Settings) -> None:
    """Serve until interrupted.

    Raises:
        PortTaken: The port is not free.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(settings.host, settings.port) from error
    # a broken database must be told here, once, and not by each worker
    refresh_demonstration(build_services(settings))
    click.echo(f"Relais répond sur http://{settings.host}:{settings.port} (Ctrl+C pour arrêter).", err=True)
    _Server(settings).run()
