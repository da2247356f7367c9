"""Groups faces that nobody has named, so that one decision settles many of them. Pure and deterministic."""

import numpy as np

from core.domain.faces import FloatArray

NOTHING = np.float32(-2.0)
"""Below every cosine: a group that is gone is like nobody."""


def clusters(embeddings: FloatArray, threshold: float) -> list[list[int]]:
    """Groups of rows of the unit vectors float32 (n, dim) that are alike on average.

    Average linkage: two groups become one while the mean cosine over all pairs of them reaches `threshold`.
    One odd face does not keep a person in two groups, as it does where the least alike pair decides, and no
    chain of look-alikes joins two people, as where the most alike pair does.

    Each group lists its rows in order; groups come in the order of their first rows, so that rows which are
    given newest first make groups newest first. Takes time and memory of the square of n.
    """
    links = _Links(embeddings, np.float32(threshold))
    while links.active:
        links.settle()
    return sorted(links.settled)


class _Links:
    """Nearest-neighbour chain: a group and the one most like it merge when that likeness is mutual.

    The linkage never grows by a merge, so that a chain whose end has nobody alike enough consists of groups
    that are done.
    """

    def __init__(self, embeddings: FloatArray, threshold: np.float32) -> None:
        self.active = list(range(len(embeddings)))
        self.settled: list[list[int]] = []
        self._threshold = threshold
        self._members = [[row] for row in self.active]
        self._likeness: FloatArray = embeddings @ embeddings.T
        np.fill_diagonal(self._likeness, NOTHING)

    def settle(self) -> None:
        """Follows one chain until it ends, by a merge or by groups that are done."""
        chain = [self.active[0]]
        while True:
            here = chain[-1]
            nearest, likeness = self._nearest(here, chain[-2] if len(chain) > 1 else None)
            if likeness < self._threshold:
                for group in chain:
                    self._close(group)
                return
            if len(chain) > 1 and nearest == chain[-2]:
                self._merge(min(here, nearest), max(here, nearest))
                return
            chain.append(nearest)

    def _nearest(self, group: int, before: int | None) -> tuple[int, np.float32]:
        """The most alike group; of equal ones the one before in the chain, which then ends."""
        row = self._likeness[group]
        nearest = int(np.argmax(row))
        if before is not None and row[before] >= row[nearest]:
            nearest = before
        return nearest, row[nearest]

    def _merge(self, kept: int, gone: int) -> None:
        here, there = len(self._members[kept]), len(self._members[gone])
        mean = (self._likeness[kept] * here + self._likeness[gone] * there) / np.float32(here + there)
        mean[kept] = NOTHING
        self._likeness[kept], self._likeness[:, kept] = mean, mean
        self._members[kept] += self._members[gone]
        self._forget(gone)

    def _close(self, group: int) -> None:
        self.settled.append(sorted(self._members[group]))
        self._forget(group)

    def _forget(self, group: int) -> None:
        self._likeness[group], self._likeness[:, group] = NOTHING, NOTHING
        self.active.remove(group)
