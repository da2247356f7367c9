"""What axe-core finds on an open page: breaches of WCAG 2 A and AA, without those of Streamlit's own markup.

Streamlit's markup cannot be mended here: each rule that it breaks stands below with the elements that break
it and why it is let pass. Everything else that is serious or critical counts.
"""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
}
COUNTED = ("serious", "critical")

_axe = Axe()


@dataclass(frozen=True)
class Allowed:
    """What of Streamlit's own is let pass."""

    rule: str
    within: str
    """A CSS selector: the element itself or one around it."""
    why: str


NAVIGATION = "[data-testid=stSidebarNavItems]"
ALLOWED = (
    Allowed("list", NAVIGATION, "Streamlit puts the sections of the sidebar into its list as div elements"),
    Allowed("listitem", NAVIGATION, "and the pages of a section into those"),
)
WITHIN = """nodes => nodes.map(([element, around]) =>
  !!around && !!document.querySelector(element)?.closest(around))"""


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule: rule, element and what is wrong."""
    rules = _axe.run(page, options=OPTIONS).response["violations"]
    found = [(rule["id"], node) for rule in rules if rule["impact"] in COUNTED for node in rule["nodes"]]
    passed = page.evaluate(WITHIN, [[str(node["target"][-1]), _allowed(rule)] for rule, node in found])
    return [
        f"{rule}: {node['html'][:160]} ({_cause(node)})"
        for (rule, node), is_allowed in zip(found, passed, strict=True)
        if not is_allowed
    ]


def _allowed(rule: str) -> str:
    return ", ".join(one.within for one in ALLOWED if one.rule == rule)


def _cause(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
