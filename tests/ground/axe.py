"""Accessibility of a page in the browser, as axe sees it; which pages to look at is left to tests.

axe skips the contrast of Arabic text: look at a page in another language too.
"""

import json
from typing import Any, TypedDict, cast

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # the one rule of WCAG 2.2, not run unless asked for
    "resultTypes": ["violations"],
}


class _Node(TypedDict):
    html: str
    target: list[str | list[str]]
    failureSummary: str


class _Violation(TypedDict):
    id: str
    impact: str | None
    help: str
    nodes: list[_Node]


class _Response(TypedDict):
    violations: list[_Violation]


def axe_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context that ignores a page's content security policy, should one ever keep axe out.

    An ordinary context is better where it will do, because it shows what the policy takes away.
    """
    return browser.new_context(**{**options, "bypass_csp": True})


def violations(page: Page) -> list[str]:
    """One line for each rule and element that breaks it; empty for a page without a fault."""
    response = cast(_Response, Axe().run(page, options=OPTIONS).response)
    return [_line(found, node) for found in response["violations"] for node in found["nodes"]]


def _line(found: _Violation, node: _Node) -> str:
    target = " ".join(part if isinstance(part, str) else json.dumps(part) for part in node["target"])
    # The first line of the summary only says "Fix any of the following".
    reasons = [line.strip() for line in node["failureSummary"].splitlines()[1:] if line.strip()]
    reason = "; ".join(line for line in reasons if not line.startswith("Fix "))
    element = " ".join(node["html"].split())[:120]
    return f"{found['id']} ({found['impact']}): {target}: {reason or found['help']}: {element}"
