"""The SQLite driver: pysqlite3 with a SQLite of its own, or the standard one, which may be new enough."""

try:
    import pysqlite3 as sqlite
except ImportError:
    import sqlite3 as sqlite

__all__ = ["sqlite"]
