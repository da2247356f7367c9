"""What a browser calls itself, in so few words that people recognise it in a list."""

import re

LONGEST = 40
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)"),
    ("Safari", r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari"),
)
"""Each name with the pattern of its version; the first that is found, for most claim to be others as well."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("ChromeOS", "CrOS"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Such as "Firefox 128, Windows"; the beginning of what it says for one that nobody knows."""
    found = ((name, re.search(pattern, user_agent)) for name, pattern in BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), None)
    system = next((name for name, mark in SYSTEMS if mark in user_agent), None)
    known = ", ".join(part for part in (browser, system) if part)
    return known or "".join(letter for letter in user_agent if letter.isprintable())[:LONGEST]
