"""The OpenAPI document: complete, and true for requests that it allows and for those that it does not."""

import re
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.domain.states import Scope
from core.i18n import LANGUAGES, catalogue
from core.paths import REPOSITORY
from dashboard.api.rest.app import rest_app
from dashboard.api.rest.problems import AREAS, STATUS
from tests.dashboard.rest.conftest import Site

DOCUMENT = rest_app().openapi()
OPERATIONS = [
    (path, method, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ENDLESS = {"/api/stream"}
EXAMPLES = 6


def test_it_is_served_without_sign_in(site: Site) -> None:
    served = site.client().get("/api/openapi.json").json()
    assert served == DOCUMENT
    assert served["openapi"].startswith("3.")


@pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=[f"{m} {p}" for p, m, _ in OPERATIONS]
)
def test_every_operation_is_described(path: str, method: str, operation: dict[str, object]) -> None:
    assert operation["summary"]
    assert "422" not in operation["responses"]  # type: ignore[operator]
    open_to_all = path in ("/api/health", "/api/captures/{link}", "/api/csrf")
    assert open_to_all or "Tokens: " in str(operation["description"])


def test_every_code_has_its_sentence_and_its_line_in_the_documentation() -> None:
    source = "\n".join(path.read_text() for path in (REPOSITORY / "dashboard/api/rest").glob("*.py"))
    codes = set(STATUS) | set(re.findall(r"(?:Refused\(\s*|code=)\"(\w+)\"", source))
    told = (REPOSITORY / "docs" / "api.md").read_text()
    for language in LANGUAGES:
        sentences = catalogue(language)
        unsaid = [code for code in codes if not sentences.keys() & {f"{area}.{code}" for area in AREAS}]
        assert unsaid == []
    assert [code for code in codes if f"`{code}`" not in told] == []
    unused = [key for key in catalogue("en") if key.startswith("api.") and key.partition(".")[2] not in codes]
    assert unused == ["api.error"]


@pytest.mark.parametrize(
    ("departments", "mode"),
    [((), GenerationMode.POSITIVE), ((), GenerationMode.NEGATIVE), (("Gudang",), GenerationMode.POSITIVE)],
)
def test_every_answer_is_one_that_the_document_names(
    site: Site, departments: tuple[str, ...], mode: GenerationMode
) -> None:
    """Bounded examples, the same ones each time: such as the document allows, and such as it does not."""
    secret = site.secret(*Scope, departments=departments)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", site.app)
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in ENDLESS:
            ask_all(operation.as_strategy(generation_mode=mode), {"authorization": f"Bearer {secret}"})


def ask_all(cases: SearchStrategy[Case], headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    with suppress(Unsatisfiable):  # whatever is sent to it is right
        ask()
