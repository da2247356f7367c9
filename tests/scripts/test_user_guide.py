"""The user guide says what the pages say, in both languages, and has a picture of every page."""

import re

import pytest

from core.i18n import catalogue
from core.paths import REPOSITORY
from dashboard.pages import HIDDEN_PAGES, PAGES
from scripts.screenshots import folder_of, shots

DOCS = REPOSITORY / "docs"
GUIDES = {"en": DOCS / "user-guide.md", "id": DOCS / "user-guide.id.md"}
LABEL = re.compile(r"\*\*(.+?)\*\*")
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\]\(#([^)]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@pytest.mark.parametrize("language", GUIDES)
def test_what_is_bold_stands_on_a_page(language: str) -> None:
    labels = set(LABEL.findall(GUIDES[language].read_text("utf-8")))
    assert len(labels) > 80
    assert labels - set(catalogue(language).values()) == set()


@pytest.mark.parametrize("language", GUIDES)
def test_every_link_leads_somewhere(language: str) -> None:
    guide = GUIDES[language].read_text("utf-8")
    assert [link for link in LINK.findall(guide) if not (DOCS / link).exists()] == []
    anchors = {
        re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for _, title in HEADING.findall(guide)
    }
    assert set(ANCHOR.findall(guide)) <= anchors


def test_both_have_the_same_chapters_and_tasks() -> None:
    english, indonesian = (guide.read_text("utf-8") for guide in GUIDES.values())
    assert [len(level) for level, _ in HEADING.findall(english)] == [
        len(level) for level, _ in HEADING.findall(indonesian)
    ]
    assert [line[:2] for line in english.splitlines() if line[:2] in {"* ", "1.", "!["}] == [
        line[:2] for line in indonesian.splitlines() if line[:2] in {"* ", "1.", "!["}
    ]


@pytest.mark.parametrize("language", GUIDES)
def test_every_picture_is_shown_and_every_page_has_one(language: str) -> None:
    guide = GUIDES[language].read_text("utf-8")
    shown = {DOCS / link for link in LINK.findall(guide) if link.endswith(".webp")}
    made = {folder_of(language) / name for shot in shots() for name in shot.files()}
    assert shown == made == set(folder_of(language).glob("*.*"))
    assert {spec.url_path for spec in (*PAGES, *HIDDEN_PAGES)} <= {path.stem for path in shown}
