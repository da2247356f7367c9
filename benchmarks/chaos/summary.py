"""What a campaign comes to: the JSON of benchmarks/results/chaos.json."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from benchmarks.chaos.campaign import Kill
from benchmarks.chaos.checks import Inspection
from benchmarks.chaos.strikes import MIX, Order
from benchmarks.scoring import distribution


def summary(kills: Sequence[Kill], inspection: Inspection, seed: int, took_s: float) -> dict[str, Any]:
    """No name, no path of this machine, no picture."""
    temporary, nameless = inspection.leftovers()
    return {
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d}",
        "cpu_cores": os.cpu_count(),
        "seed": seed,
        "kills": len(kills),
        "took_s": round(took_s),
        "looks": inspection.looks,
        "orders": [_of_order(order, kills) for order in MIX],
        "rows": {name: len(rows) for name, rows in inspection.history.rows.items()},
        "versions": dict(inspection.history.versions),
        "leftovers": {"temporary_files": temporary, "nameless_pictures": nameless},
        "violations": [{"kill": kill.number, **asdict(one)} for kill in kills for one in kill.violations],
    }


def _of_order(order: Order, kills: Sequence[Kill]) -> dict[str, Any]:
    own = [kill for kill in kills if kill.order == order]
    strikes = [kill.strike for kill in own if kill.strike]
    return {
        "moment": order.moment,
        "everything": order.everything,
        "kills": len(own),
        "hits": sum(strike.hit for strike in strikes),
        "found": dict(sorted(Counter(strike.found for strike in strikes).items())),
        "back_s": distribution(kill.back_s for kill in own if kill.back_s is not None),
    }
