"""Accessibility of a page in the browser, as axe sees it; which pages to look at is left to tests.

axe skips the contrast of Arabic text: look at a page in another language too.
"""

import json
from typing import Any, TypedDict

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # the one rule of WCAG 2.2, not run unless asked for
    "resultTypes": ["violations"],
    "preload": False,  # what it would fetch again is only for rules that are not run
}
WITHOUT_CONTRAST = {**OPTIONS, "rules": {**OPTIONS["rules"], "color-contrast": {"enabled": False}}}


class _Node(TypedDict):
    html: str
    target: list[str | list[str]]
    failureSummary: str


class _Violation(TypedDict):
    id: str
    impact: str | None
    help: str
    nodes: list[_Node]


def axe_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context that ignores a page's content security policy, should one ever keep axe out.

    An ordinary context is better where it will do, because it shows what the policy takes away.
    """
    return browser.new_context(**{**options, "bypass_csp": True})


def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """One line for each rule and element that breaks it; empty for a page without a fault.

    Contrast takes longer than all else together, and needs no second look where a page only changes its language.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    options = json.dumps(OPTIONS if contrast else WITHOUT_CONTRAST)
    found: list[_Violation] = page.evaluate(f"axe.run({options}).then(results => results.violations)")
    return [_line(rule, node) for rule in found for node in rule["nodes"]]


def _line(found: _Violation, node: _Node) -> str:
    target = " ".join(part if isinstance(part, str) else json.dumps(part) for part in node["target"])
    # The first line of the summary only says "Fix any of the following".
    reasons = [line.strip() for line in node["failureSummary"].splitlines()[1:] if line.strip()]
    reason = "; ".join(line for line in reasons if not line.startswith("Fix "))
    element = " ".join(node["html"].split())[:120]
    return f"{found['id']} ({found['impact']}): {target}: {reason or found['help']}: {element}"
