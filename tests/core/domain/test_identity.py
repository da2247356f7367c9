from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.identity import (
    Gallery,
    IdentityVote,
    Match,
    MatchRule,
    mean_directions,
    one_identity_per_frame,
)
from core.domain.states import Unnamed

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
RULE = MatchRule(threshold=0.8, margin=0.05, hold=0.05)
ANA, BUDI, CITRA = 1, 2, 3


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def unit(*angles_deg: float) -> np.ndarray:
    radians = np.deg2rad(np.array(angles_deg, np.float32))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def accepted(employee_id: int, similarity: float = 0.9) -> Match:
    return Match(employee_id, similarity, None, None, True, None)


def refused(employee_id: int, similarity: float = 0.5) -> Match:
    return Match(employee_id, similarity, None, None, False, Unnamed.BELOW_THRESHOLD)


def test_a_person_is_the_mean_of_his_templates_and_the_runner_up_is_another_person():
    gallery = Gallery([BUDI, ANA, ANA], unit(90, 0, 40))
    (match,) = gallery.match(unit(22), RULE)
    assert match.employee_id == ANA
    assert match.similarity == pytest.approx(np.cos(np.deg2rad(2)), abs=1e-6)
    assert match.runner_up_id == BUDI
    assert match.accepted


def test_below_the_threshold_nobody_is_accepted_but_the_candidate_is_known():
    (match,) = Gallery([ANA, BUDI], unit(0, 90)).match(unit(45), MatchRule(0.8, 0.0, 0.0))
    assert (match.accepted, match.refusal) == (False, Unnamed.BELOW_THRESHOLD)
    assert match.employee_id in (ANA, BUDI)


def test_two_people_who_look_alike_are_ambiguous():
    (match,) = Gallery([ANA, BUDI], unit(0, 8)).match(unit(4), RULE)
    assert (match.accepted, match.refusal) == (False, Unnamed.AMBIGUOUS)


def test_one_person_alone_needs_no_margin():
    (match,) = Gallery([ANA], unit(0)).match(unit(5), RULE)
    assert match.accepted
    assert match.runner_up_id is None


def test_an_empty_gallery_says_so():
    gallery = Gallery([], np.zeros((0, 2), np.float32))
    (match,) = gallery.match(unit(0), RULE)
    assert (match.employee_id, match.refusal) == (None, Unnamed.NO_TEMPLATES)
    assert len(gallery) == 0


def test_a_gallery_needs_an_owner_for_each_template():
    with pytest.raises(ValueError, match="one owner a template"):
        Gallery([ANA], unit(0, 1))


def test_of_two_faces_of_one_person_the_more_alike_keeps_him():
    unique = one_identity_per_frame({10: accepted(ANA, 0.9), 11: accepted(ANA, 0.95), 12: accepted(BUDI)})
    assert [unique[key].accepted for key in (10, 11, 12)] == [False, True, True]
    assert unique[10].refusal is Unnamed.TAKEN


def test_equally_alike_faces_are_both_refused():
    unique = one_identity_per_frame({10: accepted(ANA), 11: accepted(ANA)})
    assert not any(match.accepted for match in unique.values())


def test_a_refused_face_takes_nobody():
    unique = one_identity_per_frame({10: refused(ANA), 11: accepted(ANA)})
    assert [unique[10].accepted, unique[11].accepted] == [False, True]


def votes(*matches: Match) -> list[int | None]:
    vote = IdentityVote(window=5, min_votes=3)
    return [vote.observe(match, RULE, at(i)) for i, match in enumerate(matches)]


A, B, N = accepted(ANA), accepted(BUDI), refused(CITRA)
WEAK_A = refused(ANA, 0.77)


@pytest.mark.parametrize(
    ("faces", "names"),
    [
        ([A, A], [None, None]),
        ([A, A, A], [None, None, ANA]),
        ([A, N, A, N, A], [None, None, None, None, ANA]),
        ([A, B, A, B, N], [None] * 5),
        ([A, A, A, N, N, N, N, N], [None, None, ANA, ANA, ANA, ANA, ANA, None]),
        ([A, A, A, WEAK_A, WEAK_A, WEAK_A, WEAK_A, WEAK_A], [None, None, *([ANA] * 6)]),
        ([A, A, A, B, B, B], [None, None, ANA, ANA, ANA, BUDI]),
        ([N] * 8, [None] * 8),
    ],
    ids=[
        "too few",
        "three agree",
        "three of five",
        "tie",
        "support gone",
        "a little below",
        "taken over",
        "stranger",
    ],
)
def test_names_are_won_and_lost(faces, names):
    assert votes(*faces) == names


def test_a_tie_takes_the_name_from_nobody():
    vote = IdentityVote(window=6, min_votes=3)
    names = [vote.observe(match, RULE, at(i)) for i, match in enumerate([A, A, A, B, B, B, B])]
    assert names == [None, None, ANA, ANA, ANA, ANA, BUDI]


def test_a_name_counts_from_the_tracks_first_face():
    vote = IdentityVote(5, 3)
    for i, match in enumerate([N, A, A, A]):
        vote.observe(match, RULE, at(i))
    assert vote.since(at(-1)) == at(-1)


def test_after_somebody_else_a_name_counts_from_its_own_first_vote():
    vote = IdentityVote(5, 3)
    for i, match in enumerate([A, A, A, B, B, B]):
        vote.observe(match, RULE, at(i))
    assert vote.employee_id == BUDI
    assert vote.since(at(-1)) == at(3)


def test_a_dropped_name_must_be_won_again():
    vote = IdentityVote(5, 3)
    for i, match in enumerate([A, A, A]):
        vote.observe(match, RULE, at(i))
    vote.drop()
    assert vote.observe(A, RULE, at(3)) is None


@given(st.lists(st.sampled_from([A, B, N, WEAK_A]), max_size=30))
def test_a_name_always_had_enough_votes_and_more_than_anybody_else(faces):
    vote = IdentityVote(5, 3)
    named: int | None = None
    for i, match in enumerate(faces):
        name = vote.observe(match, RULE, at(i))
        if name is not None and name != named:
            window = faces[max(0, i - 4) : i + 1]
            counts = {who: sum(m.accepted and m.employee_id == who for m in window) for who in (ANA, BUDI)}
            assert counts[name] >= 3
            assert counts[name] > max(count for who, count in counts.items() if who != name)
        named = name


IGNORE_40 = unit(40)


@pytest.mark.parametrize(
    ("face", "ignored", "refusal"),
    [
        (40, IGNORE_40, Unnamed.IGNORED),
        (45, IGNORE_40, Unnamed.IGNORED),  # nearer to whom nobody wants to know
        (2, IGNORE_40, None),  # alike enough to him as well, and more so to Ana
        (19, IGNORE_40, None),  # between the two, a little nearer to Ana
        (21, IGNORE_40, Unnamed.IGNORED),
        (85, IGNORE_40, Unnamed.BELOW_THRESHOLD),  # alike enough to nobody
        (60, unit(40, 62), Unnamed.IGNORED),  # any of several
        (40, None, Unnamed.BELOW_THRESHOLD),
    ],
)
def test_who_is_ignored_is_nobody(face: float, ignored: np.ndarray | None, refusal: Unnamed | None) -> None:
    (match,) = Gallery([ANA], unit(0), ignored).match(unit(face), RULE)
    assert (match.refusal, match.accepted) == (refusal, refusal is None)
    assert match.employee_id == ANA, "the best candidate is still told"


def test_a_site_without_employees_ignores_as_well() -> None:
    (match,) = Gallery([], np.zeros((0, 2), np.float32), unit(40)).match(unit(41), RULE)
    assert (match.employee_id, match.refusal) == (None, Unnamed.IGNORED)


def test_an_ignored_face_supports_no_name() -> None:
    vote = IdentityVote(window=3, min_votes=2)
    for second in range(2):
        vote.observe(accepted(ANA), RULE, at(second))
    assert vote.employee_id == ANA
    for second in range(2, 5):
        vote.observe(Match(ANA, 0.9, None, None, False, Unnamed.IGNORED), RULE, at(second))
    assert vote.employee_id is None


def test_means_of_no_vectors_are_none() -> None:
    owners, means = mean_directions([], np.zeros((0, 2), np.float32))
    assert (len(owners), means.shape) == (0, (0, 2))
