"""Boxes in pixels: float32 [left, top, right, bottom], origin at the top left, right and bottom exclusive."""

import numpy as np

from core.domain.faces import FloatArray


def iou_matrix(first: FloatArray, second: FloatArray) -> FloatArray:
    """Intersection over union of every pair: (n, 4) and (m, 4) give (n, m) in 0..1."""
    left_top = np.maximum(first[:, None, :2], second[None, :, :2])
    right_bottom = np.minimum(first[:, None, 2:], second[None, :, 2:])
    intersection = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    union = box_area(first)[:, None] + box_area(second)[None, :] - intersection
    overlap: FloatArray = np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
    return overlap


def box_area(boxes: FloatArray) -> FloatArray:
    """Area in square pixels of (n, 4) boxes, (n,)."""
    area: FloatArray = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    return area


def best_pairs(affinity: FloatArray, floor: float) -> list[tuple[int, int]]:
    """Pairs (row, column) taken greedily by falling affinity, each row and column once, none below `floor`.

    Equal affinities go to the lower row, then the lower column, so that a replay pairs the same way.
    """
    order = np.argsort(-affinity, axis=None, kind="stable")
    pairs: list[tuple[int, int]] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for flat in order:
        row, column = divmod(int(flat), affinity.shape[1])
        if affinity[row, column] < floor:
            break
        if row in rows or column in columns:
            continue
        rows.add(row)
        columns.add(column)
        pairs.append((row, column))
    return pairs
