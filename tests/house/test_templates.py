"""Templates: none dead, none missing, all parse, and no style or handler inside a tag."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))
NAMED = re.compile(r"""["']([\w/]+\.(?:html|txt))["']""")


@cache
def used() -> set[str]:
    """Every template that the code or another template names."""
    sources = [*(ROOT / "feedback").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]
    named = {name for source in sources for name in NAMED.findall(source.read_text(encoding="utf-8"))}
    mails = {path for path in TEMPLATES if path.startswith("email/") and path.count("/") == 2}
    return named | mails  # a mail's folder is named by what the notice is about; the test of wording walks those


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_is_dead(template: str) -> None:
    assert template in used()


def test_no_template_is_missing() -> None:
    named = {name for name in used() if "/" in name}
    assert named <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_style_or_handler_stands_inside_a_tag(template: str) -> None:
    source = (ROOT / "templates" / template).read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\s(style|on\w+)=", source)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_parses_and_asks_nothing_of_the_store(template: str) -> None:
    source = (ROOT / "templates" / template).read_text(encoding="utf-8")
    Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    assert "session." not in source and "query" not in source.replace("prefers-", "")
