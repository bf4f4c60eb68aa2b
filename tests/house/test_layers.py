"""Arrows only point down: cli, web → outbound → core → ground; in core each noun knows only those before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.core import ORDER

ROOT = Path(__file__).parent.parent.parent
FLOORS = {"cli": 4, "web": 4, "outbound": 3, "migrations": 2, "core": 1}  # everything else is ground
NEVER_IN_CORE = {"flask", "flask_wtf", "wtforms", "smtplib", "email", "granian"}
NEVER_IN_WEB = {"smtplib"}


def modules() -> Iterator[tuple[str, Path]]:
    for file in sorted((ROOT / "feedback").rglob("*.py")):
        if "versions" not in file.parts and file.name != "env.py":
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imports(file: Path) -> Iterator[str]:
    """Every module a file imports; `from a import b` names a.b, which is a module or a name in one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: say where from, without dots"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(module: str, position: int) -> str:
    parts = module.split(".")
    return parts[position] if len(parts) > position else ""


def floor(module: str) -> int:
    return FLOORS.get(part(module, 1), 0)


@pytest.mark.parametrize(("module", "file"), list(modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_file_imports_only_from_its_floor_and_below(module: str, file: Path) -> None:
    if module == "feedback":
        return  # the factory wires everything
    up = [name for name in imports(file) if part(name, 0) == "feedback" and floor(name) > floor(module)]
    assert not up


@pytest.mark.parametrize("noun", ORDER)
def test_a_noun_knows_only_those_before_it(noun: str) -> None:
    before = set(ORDER[: ORDER.index(noun)]) | {noun}
    for module, file in modules():
        if part(module, 1) == "core" and part(module, 2) == noun:
            known = {part(name, 2) for name in imports(file) if name.startswith("feedback.core.")}
            assert known <= before, f"{module} knows {known - before}"


def test_every_noun_has_its_place_in_the_order() -> None:
    nouns = {part(module, 2) for module, _ in modules() if part(module, 1) == "core"} - {""}
    assert nouns == set(ORDER)


def test_core_sends_nothing_and_knows_no_request() -> None:
    for module, file in modules():
        if part(module, 1) == "core":
            assert not {part(name, 0) for name in imports(file)} & NEVER_IN_CORE, module


def test_pages_send_no_mail_and_write_no_sql_of_their_own() -> None:
    for module, file in modules():
        if part(module, 1) == "web":
            assert not {part(name, 0) for name in imports(file)} & NEVER_IN_WEB, module
            names = [name for name in imports(file) if name.startswith("sqlalchemy")]
            assert set(names) <= {"sqlalchemy.orm.Session"}, module


def test_only_the_clock_reads_the_time() -> None:
    for module, file in modules():
        source = file.read_text(encoding="utf-8")
        if module != "feedback.clock":
            assert "datetime.now(" not in source and "utcnow(" not in source and "date.today(" not in source, module


def test_the_check_sees_an_arrow_that_runs_up(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("from feedback.web import house\n")
    assert [floor(name) for name in imports(file)] == [4]
