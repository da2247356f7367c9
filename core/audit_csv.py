"""Rows of the audit trail as a file that Excel opens rightly and that runs nothing."""

import csv
import io
import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from core.exports import BYTE_ORDER_MARK, DELIMITERS, safe_cell
from core.storage.audit_list import COLUMNS, AuditRow


def audit_csv(rows: Iterable[AuditRow], zone: ZoneInfo, language: str) -> bytes:
    """One line a row under the names of the columns, with times in the site's zone and their offset.

    UTF-8 with byte order mark, cells divided by the `DELIMITERS` of the language.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=DELIMITERS.get(language, ","))
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(safe_cell(cell) for cell in _cells(row, zone))
    return (BYTE_ORDER_MARK + target.getvalue()).encode()


def _cells(row: AuditRow, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        str(row.id),
        row.at.astimezone(zone).isoformat(),
        row.actor,
        row.action,
        row.subject,
        json.dumps(row.params, ensure_ascii=False, sort_keys=True),
        row.previous_hash,
        row.hash,
    )
