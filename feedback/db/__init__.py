"""The ground floor of data: column types, ids, bundles of rows, and the store with its doors."""

from feedback.db.bundle import Bundle, bundle
from feedback.db.driver import sqlite
from feedback.db.ids import first_id, moment_of, new_id
from feedback.db.queue import PATIENCE
from feedback.db.store import Store, StoreBusy, StoreError, StoreFull, StoreUnusable, Taken
from feedback.db.types import Base, Id, Moment, id_key, id_ref, moment, name, words
from feedback.db.upsert import table_of, upsert

__all__ = [
    "PATIENCE",
    "Base",
    "Bundle",
    "Id",
    "Moment",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreUnusable",
    "Taken",
    "bundle",
    "first_id",
    "id_key",
    "id_ref",
    "moment",
    "moment_of",
    "name",
    "new_id",
    "sqlite",
    "table_of",
    "upsert",
    "words",
]
