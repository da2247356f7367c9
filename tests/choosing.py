"""An option of one of Streamlit's lists, chosen as the keyboard does it."""

from playwright.sync_api import Locator

from tests.patience import PATIENCE_MS
from tests.running_site import until

AMONG_SEVERAL = "ancestor::*[@data-testid='stMultiSelect']"


def choose(field: Locator, option: str) -> None:
    """The first option with these words, by typing them; what is new there is added.

    Step by step, whatever the list does meanwhile: it closes when the page scrolls or runs, and forgets what
    was typed before it had opened.
    """
    field.wait_for()
    until(lambda: _has_chosen(field, option), f"chosen: {option}", PATIENCE_MS / 1000, page=field.page)


def _has_chosen(field: Locator, option: str) -> bool:
    """Whether it is chosen and the list is closed; else the next step towards that is done."""
    is_open, shown = field.get_attribute("aria-expanded") == "true", field.input_value()
    among_several = field.locator(f"xpath={AMONG_SEVERAL}//*[@data-tag and @aria-label='{option}']")
    is_taken = among_several.count() > 0
    if not is_open and (is_taken or option in shown):
        return True
    offered = field.page.get_by_role("option", name=option).and_(field.page.locator("[data-focused=true]"))
    if not is_open:
        field.press("ArrowDown")
    elif is_taken:
        field.press("Escape")
    elif shown != option:
        field.fill(option)
    elif offered.count():
        field.press("Enter")
    return False
