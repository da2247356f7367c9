"""The list of people from HR: every way a row can be wrong, and what each key does to what is stored."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.paths import SitePaths
from core.storage import audit
from core.storage.biometrics import NewTemplate, active_templates, add_template
from core.storage.employee_list import ImportSummary, ListedPhoto, ListRefused, read_list, take_list
from core.storage.employees import deactivate_employee
from core.storage.models import AuditLog, Employee


def people(*rows: Any) -> bytes:
    return json.dumps(rows).encode()


def problems(content: bytes, folder: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ListRefused) as caught:
        read_list(content, folder)
    return caught.value.problems


class Import:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.folder = session, now, Path("/nowhere")

    def __call__(self, *rows: Any, deactivate_missing: bool = False) -> ImportSummary:
        self.now += timedelta(minutes=1)
        listed = read_list(people(*rows), self.folder)
        summary = take_list(
            self.session, listed, deactivate_missing=deactivate_missing, actor="import", now=self.now
        )
        self.session.commit()
        return summary

    def stored(self) -> dict[str, Employee]:
        return {person.code: person for person in self.session.scalars(select(Employee))}


@pytest.fixture
def take(session: Session, now: datetime) -> Import:
    return Import(session, now)


@pytest.mark.parametrize("wrapped", [False, True])
def test_each_name_of_a_key_is_understood(session: Session, now: datetime, wrapped: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"code": "1", "name": "A", "department": "D", "position": "P", "phone": "0811"},
        {"employee_code": "2", "nama": "B", "departemen": "D", "jabatan": "P", "telepon": "0811"},
        {"nik": "3", "nama": "C", "departemen": "D", "jabatan": "P", "telepon": "0811"},
    ]
    content = json.dumps({"employees": rows} if wrapped else rows).encode()
    listed = read_list(b"\xef\xbb\xbf" + content, Path())
    take_list(session, listed, deactivate_missing=False, actor="import", now=now)
    stored = session.scalars(select(Employee).order_by(Employee.id)).all()
    assert [(person.code, person.name) for person in stored] == [("1", "A"), ("2", "B"), ("3", "C")]
    assert {(p.department, p.position, p.phone, p.active) for p in stored} == {("D", "P", "0811", True)}


def test_absent_stays_and_null_clears(take: Import) -> None:
    take({"code": "1", "name": "A", "department": "D", "position": "P"})
    summary = take({"code": "1", "department": None})
    person = take.stored()["1"]
    assert (person.name, person.department, person.position) == ("A", None, "P")
    assert (summary.created, summary.updated, summary.unchanged) == (0, 1, 0)


def test_the_same_list_again_changes_nothing(take: Import) -> None:
    rows = [{"code": "1", "name": "A"}, {"code": "2", "name": "B", "active": False}]
    assert take(*rows) == ImportSummary(2, 0, 0, 0)
    written = take.session.scalar(select(func.count(AuditLog.id)))
    assert take(*rows) == ImportSummary(0, 0, 2, 0)
    assert take.session.scalar(select(func.count(AuditLog.id))) == written
    assert audit.verify(take.session) is None


def test_active_is_followed_and_absent_leaves_it(take: Import) -> None:
    take({"code": "1", "name": "A", "active": False})
    assert not take.stored()["1"].active
    take({"code": "1", "name": "A2"})
    assert not take.stored()["1"].active
    assert take({"code": "1", "active": True}).updated == 1
    assert take.stored()["1"].active


def test_those_who_are_missing_are_deactivated_only_when_asked(take: Import) -> None:
    take({"code": "1", "name": "A"}, {"code": "2", "name": "B"})
    deactivate_employee(take.session, take.stored()["2"].id, actor="hr", now=take.now)
    take({"code": "3", "name": "C"})
    assert take.stored()["1"].active
    summary = take({"code": "3"}, deactivate_missing=True)
    assert (summary.deactivated, summary.unchanged) == (1, 1)
    assert {code: person.active for code, person in take.stored().items()} == {
        "1": False,
        "2": False,
        "3": True,
    }


def test_an_empty_list_never_deactivates_everybody(take: Import) -> None:
    take({"code": "1", "name": "A"})
    with pytest.raises(ListRefused, match="everybody"):
        take(deactivate_missing=True)
    assert take() == ImportSummary(0, 0, 0, 0)


def test_a_row_that_the_database_refuses_is_named_beside_the_others(take: Import) -> None:
    with pytest.raises(ListRefused) as caught:
        take({"code": "1", "name": "A"}, {"code": "2"}, {"code": "3", "department": "D"})
    assert caught.value.problems == ["row 2 (2): name must not be empty", "row 3 (3): name must not be empty"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Sari", "row 1: must be an object with a code"),
        ({"name": "A"}, "row 1: code must not be empty"),
        ({"code": None, "name": "A"}, "row 1: code must not be empty"),
        ({"code": " ", "name": "A"}, "row 1: code must not be empty"),
        ({"code": "1", "name": None}, "row 1 (1): name must not be empty"),
        ({"code": True, "name": "A"}, "row 1 (True): code must be text"),
        ({"code": 1.5, "name": "A"}, "row 1: code must be text"),
        ({"code": "1", "name": 5}, "row 1 (1): name must be text"),
        ({"code": "1", "active": "yes"}, "row 1 (1): active must be true or false"),
        ({"code": "1", "active": None}, "row 1 (1): active must be true or false"),
        ({"code": "1", "departmen": "D"}, "row 1 (1): unknown key departmen; did you mean department?"),
        ({"code": "1", "zzz": "D"}, "row 1 (1): unknown key zzz; remove it"),
        ({"code": "1", "nik": "2"}, "row 1 (1): code is given twice, the second time as nik; keep one"),
        ({"code": "1", "photos": "a.jpg"}, "row 1 (1): photos must be a list of paths relative to the file"),
        ({"code": "1", "photos": [1]}, "row 1 (1): photos must be a list of paths relative to the file"),
        ({"code": "1", "photos": ["a.jpg"]},
         "row 1 (1): there is no photo a.jpg beside the file; paths are relative to it"),
        ({"code": "1", "photos": ["/etc/hostname"]},
         "row 1 (1): there is no photo /etc/hostname beside the file; paths are relative to it"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_clear_line(row: Any, problem: str) -> None:
    assert problems(people(row)) == [problem]


def test_every_bad_row_has_its_line_in_order() -> None:
    rows = [{"code": "1", "name": "A"}, 7, {"code": " 1", "name": "B"}, {"code": "4", "nam": ""}]
    assert problems(people(*rows)) == [
        "row 1 (1): row 3 has the same code",
        "row 2: must be an object with a code",
        "row 3 (1): row 1 has the same code",
        "row 4 (4): unknown key nam; did you mean name?",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"[" * 100_000, b"\xff\xfe[]", b'"people"', b"{}", b'{"employees": {}}', b"null",
     b'[{"code": "1", "code": "2", "name": "A"}]'],
)  # fmt: skip
def test_a_file_that_is_no_list_is_one_line(content: bytes) -> None:
    assert len(problems(content)) == 1


def test_codes_and_phones_may_be_numbers(take: Import) -> None:
    take({"nik": 317, "nama": "A", "telepon": 62811})
    assert take.stored()["317"].phone == "62811"


def test_photos_are_found_beside_the_file(take: Import, tmp_path: Path) -> None:
    take.folder = tmp_path
    (tmp_path / "foto").mkdir()
    (tmp_path / "foto" / "a.jpg").write_bytes(b"jpeg")
    summary = take(
        {"code": "1", "name": "A", "photos": ["foto/a.jpg"]}, {"code": "2", "name": "B", "photos": []}
    )
    expected = ListedPhoto(take.stored()["1"].id, "1", tmp_path / "foto" / "a.jpg")
    assert summary.photos == (expected,)


def test_null_photos_end_what_was_enrolled(take: Import, paths: SitePaths) -> None:
    take({"code": "1", "name": "A"})
    template = NewTemplate(1, np.array([1, 0], np.float32), "open", "ab", "upload", b"photo", {})
    add_template(take.session, paths, template, actor="hr", now=take.now)
    assert take({"code": "1", "photos": []}).unchanged == 1
    assert len(active_templates(take.session, "open", "ab")) == 1
    cleared = take({"code": "1", "photos": None})
    assert (cleared.updated, len(cleared.ended)) == (1, 1)
    assert active_templates(take.session, "open", "ab") == []
