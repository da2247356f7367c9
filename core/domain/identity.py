"""Whose face it is: match against the gallery, one identity once a frame, and a vote over the track."""

from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from core.domain.faces import FloatArray
from core.domain.states import Unnamed

NOT_ALIKE = -2.0
"""Below every cosine."""


@dataclass(frozen=True)
class Match:
    """The gallery's answer for one face. Similarities are cosines: higher is more alike.

    accepted: the best candidate reaches the threshold and leads the runner-up by the margin.
    """

    employee_id: int | None
    similarity: float
    runner_up_id: int | None
    runner_up_similarity: float | None
    accepted: bool
    refusal: Unnamed | None


@dataclass(frozen=True)
class MatchRule:
    """similarity_threshold and similarity_margin as in the settings or the pack's calibration.

    hold: how far below the threshold a named track's own candidate may fall and still support the name.
    """

    threshold: float
    margin: float
    hold: float


class Gallery:
    """Everyone who can be recognised, each by the mean direction of his templates.

    The mean of a person's templates is nearer to a new face of his than the best of them, and strangers are
    not nearer to it: benchmarks/calibration.py compares both. Takes the owners and the unit vectors float32
    (n, dim) of all templates. ignored: unit vectors (m, dim) of whom nobody wants to know; a face that is
    more alike to one of them than to its best employee, and alike enough for a match, is refused.
    """

    def __init__(
        self, employee_ids: Sequence[int], templates: FloatArray, ignored: FloatArray | None = None
    ) -> None:
        self.people, self._means = mean_directions(employee_ids, templates)
        self._ignored = templates[:0] if ignored is None else ignored

    def __len__(self) -> int:
        return len(self.people)

    def similarities(self, embeddings: FloatArray) -> FloatArray:
        """(n, people): how alike each of the (n, dim) unit vectors is to each person, as a cosine."""
        return embeddings @ self._means.T

    def match(self, embeddings: FloatArray, rule: MatchRule) -> list[Match]:
        """One answer for each of the (n, dim) unit vectors."""
        likeness = (embeddings @ self._ignored.T).max(axis=1, initial=NOT_ALIKE)
        return [
            _unless_ignored(self._judge(row, rule), float(ignored), rule)
            for row, ignored in zip(self.similarities(embeddings), likeness, strict=True)
        ]

    def _judge(self, scores: FloatArray, rule: MatchRule) -> Match:
        if not len(scores):
            return Match(None, 0.0, None, None, False, Unnamed.NO_TEMPLATES)
        order = np.argsort(-scores, kind="stable")[:2]
        best = float(scores[order[0]])
        runner_up = float(scores[order[1]]) if len(order) > 1 else None
        runner_up_id = int(self.people[order[1]]) if len(order) > 1 else None
        refusal = None
        if best < rule.threshold:
            refusal = Unnamed.BELOW_THRESHOLD
        elif runner_up is not None and best - runner_up < rule.margin:
            refusal = Unnamed.AMBIGUOUS
        return Match(int(self.people[order[0]]), best, runner_up_id, runner_up, refusal is None, refusal)


def mean_directions(owners: Sequence[int], vectors: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Each owner once, in order, and the unit vectors (owners, dim) of the means of his (n, dim) ones."""
    if vectors.ndim != 2 or len(owners) != len(vectors):
        raise ValueError(f"expected one owner a template, got {len(owners)} for {vectors.shape}")
    order = np.argsort(np.asarray(owners, dtype=np.int64), kind="stable")
    once, starts = np.unique(np.asarray(owners, dtype=np.int64)[order], return_index=True)
    sums = np.add.reduceat(vectors[order], starts, axis=0) if len(starts) else vectors
    return once, sums / np.linalg.norm(sums, axis=1, keepdims=True)


def _unless_ignored(match: Match, likeness: float, rule: MatchRule) -> Match:
    """likeness: of the face to the most alike of those that are ignored."""
    if likeness < rule.threshold or (match.employee_id is not None and likeness <= match.similarity):
        return match
    return replace(match, accepted=False, refusal=Unnamed.IGNORED)


def one_identity_per_frame(matches: Mapping[int, Match]) -> dict[int, Match]:
    """Of several faces (key: track id) accepted as one person in one frame, only the most alike keeps him.

    Equal similarities refuse both: nobody can be in two places, and there is no reason to prefer one.
    """
    best: dict[int, float] = {}
    holders: Counter[tuple[int, float]] = Counter()
    for match in matches.values():
        if match.accepted and match.employee_id is not None:
            best[match.employee_id] = max(best.get(match.employee_id, -2.0), match.similarity)
            holders[(match.employee_id, match.similarity)] += 1
    return {key: _keep_or_take(match, best, holders) for key, match in matches.items()}


def _keep_or_take(match: Match, best: Mapping[int, float], holders: Counter[tuple[int, float]]) -> Match:
    if not match.accepted or match.employee_id is None:
        return match
    if match.similarity == best[match.employee_id] and holders[(match.employee_id, match.similarity)] == 1:
        return match
    return replace(match, accepted=False, refusal=Unnamed.TAKEN)


@dataclass(frozen=True, slots=True)
class _Vote:
    employee_id: int | None
    supports: int | None
    at: datetime


class IdentityVote:
    """The name of one track, from the votes of its latest usable faces.

    A name needs `min_votes` of the last `window` faces and more than anybody else has: ties refuse.
    A name once won stays while faces support it, also a little below the threshold; it falls when a whole
    window brings no support, or when somebody else wins the vote.
    """

    def __init__(self, window: int, min_votes: int) -> None:
        self._votes: deque[_Vote] = deque(maxlen=window)
        self._min_votes = min_votes
        self._voted_for: set[int] = set()
        self._since: datetime | None = None
        self.employee_id: int | None = None

    def observe(self, match: Match, rule: MatchRule, at: datetime) -> int | None:
        """Counts one usable face and returns the track's name, or None."""
        choice = match.employee_id if match.accepted else None
        spoken_for = match.refusal in (Unnamed.TAKEN, Unnamed.IGNORED)
        held = match.similarity >= rule.threshold - rule.hold and not spoken_for
        self._votes.append(_Vote(choice, match.employee_id if held else None, at))
        if choice is not None:
            self._voted_for.add(choice)
        winner = self._winner()
        if winner is not None and winner != self.employee_id:
            self._name(winner)
        elif winner is None and self._support_is_gone():
            self.employee_id = None
        return self.employee_id

    def mentions(self, people: Collection[int]) -> bool:
        """Whether any of these people is the track's name or had a vote."""
        return not self._voted_for.isdisjoint(people)

    def drop(self) -> None:
        """Takes the name away, because another track of the same frame has the better claim."""
        self.employee_id = None
        self._votes.clear()

    def since(self, track_first_seen_at: datetime) -> datetime:
        """From when on the track showed the person it is named after.

        That is the track's first face, unless it carried votes for somebody else before: then the first of
        the votes that named it.
        """
        return self._since or track_first_seen_at

    def _name(self, employee_id: int) -> None:
        self.employee_id = employee_id
        first_vote_at = next(v.at for v in self._votes if v.employee_id == employee_id)
        self._since = None if self._voted_for == {employee_id} else first_vote_at

    def _winner(self) -> int | None:
        ranked = Counter(v.employee_id for v in self._votes if v.employee_id is not None).most_common(2)
        if not ranked or ranked[0][1] < self._min_votes:
            return None
        if len(ranked) > 1 and ranked[1][1] == ranked[0][1]:
            return None
        return ranked[0][0]

    def _support_is_gone(self) -> bool:
        full = len(self._votes) == self._votes.maxlen
        return full and all(v.supports != self.employee_id for v in self._votes)
