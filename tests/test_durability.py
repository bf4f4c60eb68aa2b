"""Nothing a customer was thanked for is lost, however the server ends: the short version of bench/kill.py.

One kill with many forms under way; `make bench ARGS=kill` kills again and again.
"""

from pathlib import Path

import pytest

from bench import kill
from bench.kill import killed_again_and_again
from tests.conftest import STORES
from tests.ground.postgres import create_database, postgres


@pytest.mark.parametrize("store", STORES)
def test_what_was_acknowledged_survives_a_killed_server(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kill, "UP", (1.0, 1.2))
    if store == "sqlite":
        tally = killed_again_and_again(tmp_path, times=1)
    else:
        with postgres(fsync=True) as server:
            tally = killed_again_and_again(tmp_path, times=1, database_url=create_database(server, "killed"))
    assert tally.is_clean, tally
