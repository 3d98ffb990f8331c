"""The demonstration territory, loaded by its command in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from relais.cli import relais


def load_territory(folder: Path, gazetteer_store: Path) -> None:
    """Load it into a folder that is empty but for the gazetteer's store, which takes seconds to build."""
    (folder / "cache").mkdir()
    (folder / "cache" / gazetteer_store.name).symlink_to(gazetteer_store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELAIS_DATA", str(folder))
        with pytest.raises(SystemExit) as ended:
            relais.main(["demo"])
    assert not ended.value.code
