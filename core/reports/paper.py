"""Pages to print: a font for every name, a heading, and at the foot when and which page of how many."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import fontpkg_pt_sans
from fpdf import FPDF

from core.reports.wording import Wording

FONT = "PT Sans"
_FILES = Path(fontpkg_pt_sans.__file__).parent / "files"
EAST_ASIAN = "East Asian"
EAST_ASIAN_FILES = (
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
)
"""Of Debian's fonts-droid-fallback and fonts-wqy-microhei, the first that is there. Without one, characters
that PT Sans lacks are empty boxes."""
MARGIN_MM = 10.0
FOOT_MM = 5.0
GREY = (95, 105, 103)
BLACK = (20, 33, 31)
LINE = (205, 213, 211)
SHADE = (238, 243, 242)

Style = Literal["", "B"]


class Paper(FPDF):
    """A4 with our fonts; sizes are in millimetres, those of letters in points."""

    def __init__(
        self, orientation: Literal["portrait", "landscape"], title: str, printed: str, words: Wording
    ) -> None:
        super().__init__(orientation=orientation, unit="mm", format="A4")
        self._printed, self._words = printed, words
        self.add_font(FONT, "", _FILES / "PT_Sans-Web-Regular.ttf")
        self.add_font(FONT, "B", _FILES / "PT_Sans-Web-Bold.ttf")
        found = next((file for file in EAST_ASIAN_FILES if file.exists()), None)
        if found is not None:
            self.add_font(EAST_ASIAN, "", found)
            self.set_fallback_fonts([EAST_ASIAN], exact_match=False)
        self.set_margin(MARGIN_MM)
        self.c_margin = 0.4
        self.set_auto_page_break(auto=False)
        self.set_title(title)
        self.set_lang(words.language)
        self.add_page()

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-MARGIN_MM - 1)
        self.use(8, colour=GREY)
        page = self._words("pdf.page", page=self.page_no(), pages=self.str_alias_nb_pages)
        self.cell(self.epw / 2, 5, self._printed)
        self.cell(self.epw / 2, 5, page, align="R")

    def use(self, size_pt: float, style: Style = "", colour: tuple[int, int, int] = BLACK) -> None:
        self.set_font(FONT, style, size_pt)
        self.set_text_color(*colour)

    def line_of(self, text: str, height_mm: float, *, indent_mm: float = 0) -> None:
        """Text over the whole width, as many lines as it takes; on the next page where it does not fit."""
        lines = self.lines(text, self.epw - indent_mm)
        self.need(height_mm * len(lines))
        for one in lines:
            self.set_x(MARGIN_MM + indent_mm)
            self.cell(self.epw - indent_mm, height_mm, one, new_x="LMARGIN", new_y="NEXT")

    def lines(self, text: str, width_mm: float) -> Sequence[str]:
        """The text in lines of the current font that fit a width."""
        if not text:
            return []
        found = self.multi_cell(width_mm, 1, text, dry_run=True, output="LINES")
        assert isinstance(found, list)
        return found

    def need(self, height_mm: float) -> bool:
        """Begins a page where so much does not fit on this one; whether it did."""
        if self.get_y() + height_mm <= self.h - MARGIN_MM - FOOT_MM:
            return False
        self.add_page()
        return True
