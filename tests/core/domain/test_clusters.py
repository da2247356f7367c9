"""Faces that are alike come together: by the mean of their likeness, always in the same way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clusters import clusters
from core.domain.faces import FloatArray


def vectors(*degrees: float) -> FloatArray:
    """Unit vectors float32 (n, 2) at these angles: their cosine is that of the difference."""
    radians = np.radians(np.array(degrees))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("degrees", "threshold", "groups"),
    [
        ((), 0.9, []),
        ((0,), 0.9, [[0]]),
        ((0, 10), 0.9, [[0, 1]]),
        ((0, 40), 0.9, [[0], [1]]),
        ((0, 90, 5, 95), 0.9, [[0, 2], [1, 3]]),
        ((0, 20, 40, 60), 0.9, [[0, 1], [2, 3]]),  # a chain of look-alikes is not one person
        ((0, 24, 12), 0.9, [[0, 1, 2]]),  # the most unlike pair alone does not keep one in two
        ((0, 0, 0), 0.9, [[0, 1, 2]]),
        ((0, 180), -1.5, [[0, 1]]),
    ],
)
def test_table(degrees: tuple[float, ...], threshold: float, groups: list[list[int]]) -> None:
    assert clusters(vectors(*degrees).reshape(-1, 2), threshold) == groups


def step_by_step(embeddings: FloatArray, threshold: float) -> list[list[int]]:
    """The same by its definition: merge the two most alike groups while they are alike enough."""
    likeness = embeddings @ embeddings.T
    groups = [[row] for row in range(len(embeddings))]
    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a + 1, len(groups))]
        means = [float(likeness[np.ix_(groups[a], groups[b])].mean()) for a, b in pairs]
        best = int(np.argmax(means))
        if means[best] < threshold:
            break
        a, b = pairs[best]
        groups[a] = sorted(groups[a] + groups.pop(b))
    return sorted(groups)


@given(st.integers(0, 10_000), st.integers(1, 24), st.floats(0.2, 0.95))
def test_as_by_its_definition(seed: int, count: int, threshold: float) -> None:
    drawn = np.random.default_rng(seed).normal(size=(count, 4))
    embeddings = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    assert clusters(embeddings, threshold) == step_by_step(embeddings, threshold)


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_everybody_is_in_one_group_whatever_the_order(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(count, 4))
    embeddings = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    groups = clusters(embeddings, 0.7)
    assert sorted(row for group in groups for row in group) == list(range(count))
    turned = rng.permutation(count)
    others = clusters(embeddings[turned], 0.7)
    assert sorted(sorted(int(turned[row]) for row in group) for group in others) == groups


def test_two_thousand_faces() -> None:
    rng = np.random.default_rng(3)
    people = rng.normal(size=(150, 64))
    drawn = people[rng.integers(0, 150, 2000)] + rng.normal(size=(2000, 64)) * 0.2
    faces = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    assert len(clusters(faces, 0.8)) == 150
