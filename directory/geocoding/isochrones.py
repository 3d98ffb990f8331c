"""Areas: what is reached by road from a commune in so many minutes, by the Géoplateforme's isochrones; asked once, then kept."""

from __future__ import annotations

import json
import math
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt

from directory.columns import BoolArray, FloatArray
from directory.errors import GeocodingError
from directory.geocoding.types import Place
from directory.http import Fetcher, FetchError, Request

Ring = npt.NDArray[np.float64]
"""Shape (points, 2): longitude, latitude."""
BANDS: Mapping[str, tuple[int, ...]] = {"car": (10, 20, 30, 45, 60), "pedestrian": (15, 30, 45, 60)}
"""Minutes of the curves asked, by profile: so many requests for a commune, and no more."""
KEPT_DAYS = 60
"""Roads change slowly: what was answered is used for so many days."""
AGAIN_SECONDS = 120.0
"""After an outage nothing is asked for so long: neither the service nor the student waits for what does not answer."""
_MOST_BYTES = 4_000_000
_MOST_POINTS = 200_000


@dataclass(frozen=True, slots=True)
class Areas:
    """Curves of equal time around a place.

    Attributes:
        minutes: Increasing.
        rings: For each curve its rings; a point inside an odd number of them is inside the area.
        source: French: whose curves they are.
    """

    minutes: tuple[int, ...]
    rings: tuple[tuple[Ring, ...], ...]
    source: str = "isochrones de la Géoplateforme"

    def between(self, latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Least and most minutes to each point, shape (n,): the curves on both sides of it; infinity beyond the last."""
        least, most = np.zeros(len(latitude)), np.full(len(latitude), np.inf)
        for minutes, rings in zip(reversed(self.minutes), reversed(self.rings), strict=True):
            inside = _inside(rings, longitude, latitude) & ~np.isnan(latitude + longitude)
            most[inside] = minutes
            outside = ~inside & (least == 0)
            least[outside] = minutes
        return least, most


def _inside(rings: Sequence[Ring], x: FloatArray, y: FloatArray) -> BoolArray:
    odd = np.zeros(len(x), dtype=np.bool_)
    for ring in rings:
        near = np.flatnonzero(
            (x >= ring[:, 0].min()) & (x <= ring[:, 0].max()) & (y >= ring[:, 1].min()) & (y <= ring[:, 1].max())
        )
        if not len(near):
            continue
        px, py = x[near, None], y[near, None]
        ax, ay = ring[:, 0], ring[:, 1]
        bx, by = np.roll(ax, -1), np.roll(ay, -1)
        crosses = (ay > py) != (by > py)
        with np.errstate(divide="ignore", invalid="ignore"):  # level edges cross nothing
            at = (bx - ax) * (py - ay) / (by - ay) + ax
        odd[near] ^= (crosses & (px < at)).sum(axis=1) % 2 == 1
    return odd


@dataclass(slots=True, kw_only=True)
class IsochroneService:
    """Asks the navigation service of the Géoplateforme (« /isochrone »), or another of its form.

    It is told a commune's town hall and a mode: never an address, never who asks (docs/privacy.md). One question at a time,
    ``pause`` seconds between two (the service takes five a second), and none for a while after an outage.

    Attributes:
        url: The service (``https://data.geopf.fr/navigation``).
        fetcher: The way out.
        folder: Where answers are kept.
        commune: INSEE code → its place.
        clock: Seconds, increasing.
        today: Days since some day.
    """

    url: str
    fetcher: Fetcher
    folder: Path
    commune: Callable[[str], Place | None]
    pause: float = 0.25
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _silent_until: float = -math.inf
    _asked_at: float = -math.inf

    def reached_from(self, code_commune: str, profile: str) -> Areas:
        """What can be reached from a commune's town hall, by ``car`` or on foot (``pedestrian``).

        Raises:
            GeocodingError: The service did not answer, or what came is no area; the commune has no point.
        """
        kept = self._read(code_commune, profile)
        if kept is not None:
            return kept
        point = self._hall(code_commune)
        with self._lock:
            kept = self._read(code_commune, profile)  # another thread may have asked meanwhile
            if kept is not None:
                return kept
            if self.clock() < self._silent_until:
                raise _outage(self.url, "silent since its last outage")
            try:
                answers = [self._ask(point, profile, minutes) for minutes in BANDS[profile]]
            except GeocodingError:
                self._silent_until = self.clock() + AGAIN_SECONDS
                raise
            self._keep(code_commune, profile, answers)
            return _areas(profile, answers)

    def _hall(self, code_commune: str) -> str:
        place = self.commune(code_commune)
        if place is None or place.latitude is None or place.longitude is None:
            raise _outage(self.url, f"no point for {code_commune}")
        return f"{place.longitude:.4f},{place.latitude:.4f}"

    def _ask(self, point: str, profile: str, minutes: int) -> Any:
        wait = self._asked_at + self.pause - self.clock()
        if wait > 0:
            self.sleep(wait)
        question = {
            "resource": "bdtopo-valhalla", "profile": profile, "costType": "time", "costValue": minutes, "timeUnit": "minute",
            "direction": "departure", "point": point, "geometryFormat": "geojson", "crs": "EPSG:4326",
        }  # fmt: skip
        request = Request(url=f"{self.url}/isochrone?{urlencode(question)}")
        try:
            with tempfile.TemporaryDirectory(prefix="relais-isochrone-") as folder:
                path = replace(self.fetcher, max_bytes=_MOST_BYTES, cache=None).fetch_file(request, Path(folder))
                geometry = json.loads(path.read_bytes())["geometry"]
        except FetchError as error:
            raise _outage(self.url, str(error)) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _outage(self.url, repr(error)) from error
        finally:
            self._asked_at = self.clock()
        _rings(geometry)  # refused before it is kept
        return geometry

    # ------------------------------------------------------------ what was answered

    def _path(self, code_commune: str, profile: str) -> Path:
        return self.folder / f"{profile}-{code_commune}.json"

    def _read(self, code_commune: str, profile: str) -> Areas | None:
        path = self._path(code_commune, profile)
        try:
            if self.now() - path.stat().st_mtime > KEPT_DAYS * 86400:
                return None
            return _areas(profile, json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, GeocodingError):
            return None

    def _keep(self, code_commune: str, profile: str, answers: Sequence[Any]) -> None:
        with suppress(OSError):  # a full disk loses the copy and nothing else
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self._path(code_commune, profile)
            part = path.with_suffix(f".{threading.get_ident()}.part")
            part.write_text(json.dumps(answers), encoding="utf-8")
            part.replace(path)


def _areas(profile: str, answers: Sequence[Any]) -> Areas:
    bands = BANDS[profile]
    if len(answers) != len(bands):
        raise _outage("", "not as many curves as were asked")
    return Areas(bands, tuple(_rings(geometry) for geometry in answers))


def _rings(geometry: Any) -> tuple[Ring, ...]:
    """The rings of a GeoJSON polygon or multipolygon.

    Raises:
        GeocodingError: It is none.
    """
    try:
        polygons = {"Polygon": lambda c: [c], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
        rings = tuple(np.array([point[:2] for point in ring], dtype=np.float64) for polygon in polygons for ring in polygon)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _outage("", f"no polygon: {error!r}") from error
    good = rings and all(ring.ndim == 2 and len(ring) >= 4 and bool(np.isfinite(ring).all()) for ring in rings)
    if not good or sum(map(len, rings)) > _MOST_POINTS:
        raise _outage("", "a polygon that is none")
    return rings


def _outage(url: str, reason: str) -> GeocodingError:
    return GeocodingError(f"{url}: {reason}", public="Le service d’itinéraires ne répond pas.")
