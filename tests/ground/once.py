"""What comes out the same for every application and store of a process is worked out once, as in a long-running one.

A service starts once and then answers for weeks; the suite starts thousands of times. Only what depends on nothing but
its source is kept: code made from templates, from routes and from statements, and what a database server says of its kind.
Nothing of a store, a request or a test.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 5000


class Templates(BytecodeCache):
    """The byte code of each template; Jinja asks for it by the text it was made from."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._made.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._made[bucket.key, bucket.checksum] = bucket.code


def work_once() -> None:
    """From now on in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Rule.compile = _remembered(Rule.compile)  # type: ignore[method-assign]
    PGDialect_psycopg.initialize = _told_once(PGDialect_psycopg.initialize)  # type: ignore[method-assign]
    _share_statements()


def _remembered(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """The function that reads the address of a route and writes it, by all that goes into it."""
    made: dict[object, Rule] = {}

    def remembered(rule: Rule) -> None:
        key = rule.rule, rule.subdomain, rule.host, rule.merge_slashes
        if rule.defaults or key not in made:
            compile_rule(rule)
            made.setdefault(key, rule)
            return
        known = made[key]
        rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
        rule.arguments |= known.arguments
        rule._build = known._build.__func__.__get__(rule)  # type: ignore[attr-defined]
        rule._build_unknown = known._build_unknown.__func__.__get__(rule)  # type: ignore[attr-defined]

    return remembered


def _told_once(ask: Callable[[Any, Connection], None]) -> Callable[[Any, Connection], None]:
    """The function that asks a server for its version and the like, by the server."""
    told: dict[object, dict[str, object]] = {}

    def initialize(dialect: Any, connection: Connection) -> None:
        server = connection.engine.url.set(database=None)
        if server in told:
            vars(dialect).update(told[server])
            return
        before = dict(vars(dialect))
        ask(dialect, connection)
        told[server] = {name: value for name, value in vars(dialect).items() if before.get(name, told) is not value}

    return initialize


def _share_statements() -> None:
    """One cache of compiled statements for all engines; those of one kind of database count as the same in it."""
    compiled: Any = LRUCache(STATEMENTS)

    def share(kind: type[DefaultDialect], engine: Engine) -> None:
        engine._compiled_cache = compiled

    DefaultDialect.engine_created = classmethod(share)  # type: ignore[assignment, method-assign]
    DefaultDialect.__eq__ = _are_alike  # type: ignore[method-assign, assignment]
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))  # type: ignore[method-assign]


def _are_alike(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other) and all(
        getattr(one, name, None) == getattr(other, name, None)
        for name in ("dbapi", "paramstyle", "server_version_info")
    )
