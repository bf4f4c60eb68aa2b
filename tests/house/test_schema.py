"""The migrated schema equals the models, on both stores; every constraint and index has a name."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from feedback.core.index import BESIDE_THE_MODELS
from feedback.db import Store
from feedback.migrations import config, is_newest, metadata, migrate, versions


def test_the_migrated_schema_equals_the_models(store: Store) -> None:
    with store.read() as session:
        opts = {"compare_type": True, "include_name": lambda name, kind, parents: name not in BESIDE_THE_MODELS}
        context = MigrationContext.configure(session.connection(), opts=opts)
        assert compare_metadata(context, metadata) == []


def test_beside_the_models_there_is_only_the_index_of_words(store: Store) -> None:
    found = set(inspect(store.engine).get_table_names()) - set(metadata.tables) - {"alembic_version"}
    assert found == (BESIDE_THE_MODELS if store.is_sqlite else {"case_words"})
    if store.is_sqlite:
        with store.read() as session:
            assert session.scalar(text("select v from case_words_config where k = 'secure-delete'")) == 1


def test_migrating_again_changes_nothing(store: Store) -> None:
    migrate(store)
    assert is_newest(store)


def test_the_newest_version_is_the_one_alembic_finds() -> None:
    assert versions()[-1] == ScriptDirectory.from_config(config()).get_current_head()


def test_an_empty_store_is_not_the_newest(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    assert not is_newest(store)
    migrate(store)
    assert is_newest(store)
    store.close()


def test_check_constraints_are_in_the_store(store: Store) -> None:
    """Autogeneration does not compare checks, so they are counted here."""
    inspector = inspect(store.engine)
    for table in metadata.tables.values():
        wanted = {c.name for c in table.constraints if type(c).__name__ == "CheckConstraint" and c.name}
        found = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert wanted <= found | {None}, table.name


def test_every_index_says_which_query_it_serves() -> None:
    for table in metadata.tables.values():
        for index in table.indexes:
            assert index.info.get("serves"), index.name


def test_every_constraint_has_a_name() -> None:
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if type(constraint).__name__ == "CheckConstraint" and constraint.columns.values()[:1]:
                assert constraint.name, f"{table.name}: {constraint}"
