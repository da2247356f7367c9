"""When a page has come to rest, and what of it stands out to the right."""

from contextlib import suppress

from playwright.sync_api import Page, TimeoutError

FOLLOWS_WITHIN_MS = 5000
"""So long a page may take to follow a new width."""
AT_REST = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-testid=stMain] [data-stale=true]')"""
TOO_WIDE = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(element =>
  !element.closest('[data-testid=stDataFrame], [data-testid=stTabs] [role=tablist], .gspe-scroll')
  && element.getBoundingClientRect().right > innerWidth + 1
  && getComputedStyle(element).visibility !== 'hidden').map(element => element.outerHTML.slice(0, 160))"""


def rest(page: Page) -> None:
    page.wait_for_function(AT_REST)


def too_wide(page: Page) -> list[str]:
    """What of a page that is there goes on standing out."""
    rest(page)
    with suppress(TimeoutError):  # what is still too wide then is the answer
        page.wait_for_function(f"() => ({TOO_WIDE})().length === 0", timeout=FOLLOWS_WITHIN_MS)
    return list(page.evaluate(TOO_WIDE))
