"""What is measured of the service, in Prometheus's form: requests, their time, errors, and the state of directory and index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from directory.errors import RelaisError
from directory.services import Services
from directory.tracing import Trace

_TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Metrics:
    """The counts of one application.

    Args:
        shared: The folder where the processes of the server keep their counts; None when this one is alone.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        self._registry = CollectorRegistry()
        self._requests = Counter("relais_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry)
        self._seconds = Histogram(
            "relais_request_seconds", "Time to answer.", ("route",), registry=self._registry, buckets=_TIMES
        )
        self._queries = Counter("relais_queries", "Questions to the database.", registry=self._registry)
        self._query_seconds = Counter("relais_query_seconds", "Time spent waiting for the database.", registry=self._registry)
        self._errors = Counter("relais_errors", "Answers that failed, by the error's name.", ("error",), registry=self._registry)

    def tell_request(self, route: str, method: str, status: int, seconds: float, trace: Trace) -> None:
        """Count an answer.

        Args:
            route: The rule that was asked, of which there are few: never a path.
            method: Its method; those that no route has count as one.
            status: The answer's.
            seconds: From the request to the answer, without its sending.
            trace: What it asked of the database.
        """
        self._requests.labels(route, method if method in _METHODS else "(autre)", str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._queries.inc(trace.queries)
        self._query_seconds.inc(trace.query_s)

    def tell_error(self, error: BaseException) -> None:
        """Count an error of the service."""
        self._errors.labels(type(error).__name__).inc()

    def write(self, services: Services) -> bytes:
        """Every figure, of every process, in Prometheus's text form; the services are asked for the state of what they hold."""
        state = CollectorRegistry()
        if self._shared is not None:
            MultiProcessCollector(state, path=str(self._shared))  # type: ignore[no-untyped-call]
        state.register(_State(services))
        alone = b"" if self._shared is not None else generate_latest(self._registry)
        return alone + generate_latest(state)


class _State(Collector):
    """The state of the directory, asked when the figures are."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Whether directory and index answer, their revisions, and how old each source is."""
        up = GaugeMetricFamily("relais_up", "Whether a part answers.", labels=("part",))
        revisions = GaugeMetricFamily("relais_revision", "The last change that a part holds.", labels=("part",))
        for part, ask in (("directory", self._services.repository.revision), ("index", self._services.index.revision)):
            try:
                revision = ask()
            except RelaisError:
                revision = None
            up.add_metric((part,), float(revision is not None))
            if revision is not None:
                revisions.add_metric((part,), revision)
        yield from (up, revisions, self._ages())

    def _ages(self) -> Metric:
        ages = GaugeMetricFamily("relais_source_age_seconds", "Since the last import that was published.", labels=("source",))
        now = self._services.clock()
        try:
            last = self._services.repository.last_imports()
        except RelaisError:
            return ages
        for source, finished in last.items():
            ages.add_metric((source,), (now - finished).total_seconds())
        return ages
