"""``relais serve``: the pages, behind gunicorn."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from directory.errors import RelaisError
from directory.settings import Settings, count_together, read_settings
from relais.commands.campaigns import start_mailing
from relais.commands.dossiers import start_purging
from relais.commands.worker import start_worker
from relais.demonstration import refresh_demonstration
from relais.production import refuse_default_secrets
from relais.services import build_services
from relais.workers import with_legible_bodies
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
    """gunicorn, configured from our settings and never from files or arguments of its own.

    Args:
        settings: The instance's.
        counts: A folder of this server's own, where its processes count together; it goes with it.
    """

    def __init__(self, settings: Settings, counts: Path) -> None:
        self.settings, self.counts = settings, counts
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
            # an access log would hold query strings; RELAIS_LOG_REQUESTS tells routes
            "accesslog": None,
            # nobody is to command it but by signals
            "control_socket_disable": True,
            "proc_name": "relais",
            # gunicorn lets whoever asks from this machine, and so whoever a proxy on it passes on, set the path and the scheme;
            # what a proxy says is RELAIS_PROXIES' to believe (web.create_app)
            "forwarded_allow_ips": "",
            "limit_request_line": 8190,
            # not a block of `with`: each worker leaves those, too
            "on_exit": lambda _arbiter: shutil.rmtree(self.counts, ignore_errors=True),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        services = build_services(self.settings)
        services.keeper.start()
        start_purging(services)
        start_mailing(services)
        app = create_app(services, self.counts)
        app.wsgi_app = with_legible_bodies(app.wsgi_app)  # type: ignore[method-assign]
        return app


@click.command()
def serve() -> None:
    """Servir les pages (RELAIS_HOST, RELAIS_PORT)."""
    run_server(read_settings())


def run_server(settings: Settings) -> None:
    """Serve until interrupted.

    Raises:
        InvalidSetting: The internet reaches the instance, and anyone can guess one of its secrets.
        PortTaken: The port is not free.
    """
    refuse_default_secrets(settings)
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(settings.host, settings.port) from error
    # a broken database must be told here, once, and not by each worker
    services = build_services(settings)
    refresh_demonstration(services)
    services.catalogue.prepare()  # no request waits for it
    services.close()
    counts = Path(tempfile.mkdtemp(prefix="relais-counts-"))
    count_together(counts)
    click.echo(f"Relais répond sur http://{settings.host}:{settings.port} (Ctrl+C pour arrêter).", err=True)
    start_worker(settings)
    _Server(settings, counts).run()
