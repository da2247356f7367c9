"""A site in November 2026 for reports, and readers of the files that they become."""

import csv
import re
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from core.domain.states import CorrectionState, CoverageState
from core.settings import Parameters
from core.settings_store import MISSING, SettingsStore
from core.storage.models import CameraCoverage, Correction, VisitCamera
from tests.seed import Seed

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 23, tzinfo=ZONE)
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EXCEL_ZERO = date(1899, 12, 30)


def november(home: Path) -> Seed:
    """One camera that observed all the time; employees were made thirty days before NOW."""
    seed = Seed(home, NOW)
    SettingsStore(seed.paths).save_parameters(Parameters(time_zone=ZONE.key), MISSING)
    seed.camera(1, "Gate", location="Lobby")
    start = NOW - timedelta(days=40)
    seed.add(CameraCoverage(camera_id=1, state=CoverageState.OBSERVING, started_at=start, ended_at=NOW))
    return seed


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), ZONE)


def see(seed: Seed, employee: int, day: int, start: str, end: str) -> int:
    begin, stop = at(day, start), at(day, end)
    visit = seed.visit(employee, begin, stop)
    seed.add(VisitCamera(visit_id=visit, camera_id=1, first_seen_at=begin, last_seen_at=stop))
    return visit


def correct(seed: Seed, employee: int, day: int, **columns: object) -> int:
    facts: dict[str, object] = {
        "reason": "He forgot nothing, the camera did",
        "author": "sari",
        "created_at": NOW,
        "before": {},
        "after": {},
        "state": CorrectionState.IN_FORCE,
    }
    return seed.add(Correction(employee_id=employee, day=date(2026, 11, day), **(facts | columns)))


def sheets(file: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet of a workbook, cell by heading."""
    with zipfile.ZipFile(file) as parts:
        shared = [
            "".join(node.itertext())
            for node in ElementTree.parse(BytesIO(parts.read("xl/sharedStrings.xml"))).getroot()
        ]
        names = re.findall(r'<sheet name="([^"]+)"', parts.read("xl/workbook.xml").decode())
        return {
            name: _table(ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml")), shared)
            for number, name in enumerate(names, 1)
        }


def _table(sheet: ElementTree.Element, shared: list[str]) -> list[dict[str, str]]:
    heading, *rows = (
        {re.sub(r"\d", "", cell.get("r", "")): _content(cell, shared) for cell in row}
        for row in sheet.iter(f"{SPREADSHEET}row")
    )
    return [{heading[column]: value for column, value in row.items()} for row in rows]


def _content(cell: ElementTree.Element, shared: list[str]) -> str:
    value = cell.findtext(f"{SPREADSHEET}v", "")
    return shared[int(value)] if cell.get("t") == "s" else value


def day_number(day: int) -> str:
    return str((date(2026, 11, day) - EXCEL_ZERO).days)


def separated_rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=delimiter))
