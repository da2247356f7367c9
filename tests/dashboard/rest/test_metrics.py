"""What Prometheus reads."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from core.domain.states import Scope
from core.storage.models import NotificationOutbox
from tests.dashboard.rest.conftest import Site


def figures(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_site_in_figures(site: Site) -> None:
    site.seed.add(NotificationOutbox(kind="absent", params={}, created_at=site.seed.now - timedelta(hours=1)))
    site.seed.paths.backups.mkdir(exist_ok=True)
    answer = site.token(Scope.READ_METRICS).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    told = figures(answer.text)
    assert told[("gspe_camera_up", "1")] == 1
    assert told[("gspe_camera_up", "2")] == 0
    assert told[("gspe_camera_analysed_fps", "1")] == 5
    assert told[("gspe_camera_refused_faces_total", "1", "too_small")] == 12
    assert told[("gspe_camera_reconnects_total", "1")] == 0
    assert told[("gspe_employees", "available")] == 4
    assert told[("gspe_alerts", "absent", "open")] == 1
    assert told[("gspe_outbox_waiting",)] == 1
    assert told[("gspe_outbox_oldest_age_seconds",)] >= 3600
    assert told[("gspe_database_size_bytes",)] > 0
    assert told[("gspe_disk_free_bytes",)] > 0
    assert ("gspe_worker_up",) in told


def test_a_worker_that_is_silent_is_down(site: Site) -> None:
    client = site.account("admin")
    site.seed.worker(age_s=3600)
    assert figures(client.get("/metrics").text)[("gspe_worker_up",)] == 0
    site.seed.worker(age_s=-3600)
    assert figures(client.get("/metrics").text)[("gspe_worker_up",)] == 1
