"""No page says a sentence of its own: every word a user reads comes from the catalogues."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, catalogue
from core.paths import REPOSITORY

DASHBOARD = REPOSITORY / "dashboard"
PAGES = (
    *sorted((DASHBOARD / "views").rglob("*.py")),
    *sorted((DASHBOARD / "widgets").rglob("*.py")),
    *sorted((DASHBOARD / "live").rglob("*.py")),
    *(path for name in ("app", "shell", "bars", "pages") if (path := DASHBOARD / f"{name}.py").exists()),
)
SHOWN_BY = frozenset(
    [
        "title",
        "header",
        "subheader",
        "text",
        "markdown",
        "write",
        "caption",
        "badge",
        "toast",
        "metric",
        "info",
        "warning",
        "error",
        "success",
        "button",
        "download_button",
        "form_submit_button",
        "link_button",
        "text_input",
        "text_area",
        "number_input",
        "date_input",
        "selectbox",
        "multiselect",
        "radio",
        "pills",
        "segmented_control",
        "checkbox",
        "toggle",
        "slider",
        "file_uploader",
        "camera_input",
        "expander",
        "popover",
        "dialog",
        "tabs",
        "page_link",
        "menu_button",
        "spinner",
        "status",
    ]
)
SHOWN_AS = {"label", "help", "placeholder", "caption", "body", "alt", "page_title"}
"""Keywords whose value is read by the user, whatever the function."""

TAG = re.compile(r"<[^>]*>")
SPOKEN_ATTRIBUTE = re.compile(r"""\b(?:title|alt|aria-label|placeholder)=["'][^"'{]*[A-Za-z]{2}""")
NOT_WORDS = re.compile(r":material/\w+:|:[a-z-]+\[|&\w+;|[a-z]+://\S*")
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
PROSE = re.compile(r"[A-Za-zÀ-ÿ]{2,}[,.]? [A-Za-zÀ-ÿ]{2,}")


def literals_shown(source: str) -> list[str]:
    """Words in the code that a user would read.

    Those are literals given to a function or a keyword that shows them, text between tags, attributes that
    are read aloud, and any literal with two words in a row that is not documentation.
    """
    tree = ast.parse(source)
    ignored = set(_documentation(tree)) | set(_for_the_log(tree))
    found = [node.value for node in _shown_arguments(tree) if WORD.search(_spoken(node.value))]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
            text = _without_markup(node.value)
            if PROSE.search(text) or SPOKEN_ATTRIBUTE.search(node.value):
                found.append(node.value)
    return found


def _spoken(value: str) -> str:
    return NOT_WORDS.sub("", TAG.sub("", value))


def _without_markup(value: str) -> str:
    """What is left of HTML pieces: class names stand inside tags, of which an f-string cuts the ends off."""
    text = TAG.sub(" | ", value)
    text = re.sub(r"<[^>]*$", "", text)
    return NOT_WORDS.sub("", re.sub(r"^[^<]*[\"']\s*[\w\s=\"'-]*>", "", text))


def _documentation(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _for_the_log(tree: ast.AST) -> Iterator[int]:
    """What is raised or logged is for the log; a page says an error's code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or _is_log_call(node):
            yield from (id(inner) for inner in ast.walk(node))


def _is_log_call(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id in LOGS
    )


def _shown_arguments(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _is_log_call(node):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        shown = [*node.args[:1]] if name in SHOWN_BY else []
        shown += [keyword.value for keyword in node.keywords if keyword.arg in SHOWN_AS]
        for argument in shown:
            yield from _strings(argument)


def _strings(node: ast.expr) -> Iterator[ast.Constant]:
    """The literal itself, and those of an f-string; what a call returns is not one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.IfExp):
        yield from (*_strings(node.body), *_strings(node.orelse))


LOGS = {"log", "logger", "LOG"}

ALLOWED = {"rtsp://192.168.1.64:554/stream1"}
"""An example of an address, the same in every language."""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DASHBOARD)))
def test_a_page_has_no_words_of_its_own(path: Path) -> None:
    assert set(literals_shown(path.read_text())) <= ALLOWED


@pytest.mark.parametrize(
    "source",
    [
        'st.button("Save")',
        'st.button(label="Save")',
        'column.text_input(words("a.b"), placeholder="Type here")',
        'st.info(f"{count} people")',
        'st.warning("Old" if stale else words("x.y"))',
        'markup.add("<b>Visits</b> and more")',
        "html = f'<i title=\"Last seen\">{x}</i>'",
        'label = "Not seen yet"',
    ],
)
def test_a_literal_is_noticed(source: str) -> None:
    assert literals_shown(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Says nothing to the user."""',
        'st.button(words("units.save"), icon=":material/save:", key="save_it")',
        'st.markdown(f"{a} · {b}")',
        'raise ValueError("expected two numbers")',
        'x = f\'<li class="gspe-card gspe-{state}"><div class="gspe-who one two">{name}</div></li>\'',
        'st.html("<style>.a{color:red}</style>")',
    ],
)
def test_what_is_no_literal_of_a_page(source: str) -> None:
    assert not literals_shown(source)


def test_every_language_has_every_sentence() -> None:
    first, *others = (catalogue(language) for language in LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()


def keys_used() -> Iterator[tuple[str, str]]:
    """Whole keys given to `words`, `text` and their kin anywhere in the dashboard."""
    call = re.compile(r"""\b(?:words|text|first|since|has)\(\s*["']([a-z_]+\.[a-z_.]+)["']""")
    for path in sorted(DASHBOARD.rglob("*.py")):
        yield from ((path.name, key) for key in call.findall(path.read_text()))


def test_every_key_that_a_page_asks_for_is_there() -> None:
    used = list(keys_used())
    assert len(used) > 100
    missing = [(path, key) for path, key in used if key not in catalogue("en")]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "area",
    [
        *("presence", "employees", "cameras", "attendance", "alerts", "deliveries", "units"),
        *("days", "corrections", "pauses", "ties", "recompute", "person", "unknown"),
        *("settings_page", "users", "setup"),
    ],
)
def test_no_sentence_of_our_pages_is_left_over(area: str, language: str) -> None:
    """A key that nothing names, whole or by its stem, is a leftover."""
    source = "\n".join(
        path.read_text() for package in ("dashboard", "core") for path in (REPOSITORY / package).rglob("*.py")
    )
    for key in catalogue(language):
        if key.startswith(f"{area}."):
            whole, stem = key.removesuffix("_always"), key.rpartition(".")[0]
            code = key.rpartition(".")[2] if ".error." in key else whole
            named = f'"{code}"' in source or f"{stem}.{{" in source
            assert named, key
