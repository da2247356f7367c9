import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.logs import configure_logging, redact

visible = st.text(min_size=1).filter(lambda text: not any(character.isspace() for character in text))


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)


@given(visible, visible)
@example("admin", "a@b:c/d")
@example("admin", "p@rtsp://x")
def test_user_and_password_never_pass(user: str, password: str) -> None:
    url = f"rtsp://{user}:{password}@10.0.0.9:554/live"
    assert redact(f"cannot open '{url}': refused") == ("cannot open 'rtsp://***@10.0.0.9:554/live': refused")


@given(st.text(min_size=1), st.text(min_size=1))
def test_percent_encoded_user_and_password_never_pass(user: str, password: str) -> None:
    user, password = (quote(text.encode("utf-8", "replace"), safe="") for text in (user, password))
    assert redact(f"RTSPS://{user}:{password}@cam/1 timed out") == "RTSPS://***@cam/1 timed out"


@given(visible)
def test_a_url_that_is_encoded_as_a_whole_is_masked(password: str) -> None:
    encoded = quote(f"rtsp://u:{password}@cam/1".encode("utf-8", "replace"), safe="")
    assert redact(f"GET /test?source={encoded}") == "GET /test?source=rtsp%3A%2F%2F***%40cam%2F1"


fragments = st.sampled_from(
    ["rtsp://", "%3A%2F%2F", "@", "%40", ":", "password=", '"', "'", " ", "x", "***", "\n"]
)


@given(st.text() | st.lists(fragments, max_size=12).map("".join))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://a:b@h1/x and rtsp://c:d@h2/y", "rtsp://***@h1/x and rtsp://***@h2/y"),
        ("rtsp://only-user@h/x", "rtsp://***@h/x"),
        ("rtsp://h/x?user=u&password=geheim&channel=1", "rtsp://h/x?user=u&password=***&channel=1"),
        ("rtspsrc user-pw=geheim latency=100", "rtspsrc user-pw=*** latency=100"),
        ("{'access_token': 'EAAGx', 'to': '1'}", "{'access_token': ***, 'to': '1'}"),
        ("WHATSAPP_ACCESS_TOKEN=EAAGx", "WHATSAPP_ACCESS_TOKEN=***"),
        ("Authorization: Bearer EAAGx", "Authorization: ***"),
        ("401: wrong password: see the camera's page", "401: wrong password: see the camera's page"),
        ("rtsp://10.0.0.9:554/live opened by a@b.example", "rtsp://10.0.0.9:554/live opened by a@b.example"),
        ("http://127.0.0.1:8501/", "http://127.0.0.1:8501/"),
    ],
)
def test_what_is_masked_and_what_is_not(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_a_line_has_time_level_program_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")
    logging.getLogger("worker.sources").warning("camera %d is slow", 3)
    stamp, _, rest = capsys.readouterr().out.partition(" ")
    assert datetime.fromisoformat(stamp).utcoffset() is not None
    assert rest == "WARNING worker worker.sources: camera 3 is slow\n"


def test_arguments_and_tracebacks_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")
    try:
        raise OSError("Invalid data found: 'rtsp://admin:geheim@10.0.0.9/live'")
    except OSError:
        logging.getLogger("x").exception("cannot open %s", "rtsp://admin:geheim@10.0.0.9/live")
    out = capsys.readouterr().out
    assert out.count("rtsp://***@10.0.0.9/live") == 3  # message, source line, exception
    assert "Traceback" in out
    assert "geheim" not in out


def test_the_level_holds_and_a_second_call_doubles_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker", "ERROR")
    configure_logging("worker", "WARNING")
    logging.getLogger("x").info("hidden")
    logging.getLogger("x").warning("shown")
    assert capsys.readouterr().out.count("shown") == 1


def test_a_thread_that_dies_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")

    def fail() -> None:
        raise RuntimeError("rtsp://u:geheim@h/ broke")

    thread = threading.Thread(target=fail, name="CAM7")
    thread.start()
    thread.join()
    out = capsys.readouterr().out
    assert "CRITICAL worker uncaught: thread CAM7 ends" in out
    assert "RuntimeError: rtsp://***@h/ broke" in out


def test_a_program_that_dies_says_so_on_standard_output_only() -> None:
    program = (
        "import warnings; from core.logs import configure_logging; configure_logging('worker');"
        "warnings.warn('see rtsp://u:geheim@h/'); raise ValueError('rtsp://u:geheim@h/ broke')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == ""
    assert "CRITICAL worker uncaught: the program ends" in ended.stdout
    assert "ValueError: rtsp://***@h/ broke" in ended.stdout
    assert "WARNING worker py.warnings" in ended.stdout
    assert "geheim" not in ended.stdout.replace("u:geheim@h/'); raise", "")


def test_ctrl_c_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "KeyboardInterrupt" in streams.err
