"""Visits with their pictures, and of each picture why it was named as it is."""

from datetime import datetime
from html import escape

from core.domain.states import VisitOrigin
from core.storage.match_in_force import MatchInForce
from core.storage.person_visits import KnownVisit, MatchedShot, Said
from dashboard.widgets.markup import Markup, joined, line
from dashboard.widgets.words import Words


def rule_sentence(match: MatchInForce | None, words: Words) -> str:
    """By which likeness the worker names people now."""
    if match is None:
        return words("person.rule_none")
    limits = {"threshold": words.number(match.threshold, 3), "margin": words.number(match.margin, 3)}
    return words("person.rule", pack=match.pack_id, **limits)


def show_visit(visit: KnownVisit, name: str, match: MatchInForce | None, words: Words, now: datetime) -> None:
    """name: of the person, for who sees no picture."""
    markup = Markup()
    shots = "".join(_shot(shot, visit, name, match, markup, words) for shot in visit.shots)
    said = "".join(line(_said(one, words, now)) for one in visit.said)
    mark = line(words("person.visit_named"), "gspe-mark") if visit.origin == VisitOrigin.NAMED else ""
    markup.add(
        f'<li class="gspe-row"><div class="gspe-who"><b>{escape(visit_words(visit, words))}</b>'
        f"<span>{mark}</span>{said}</div>{shots}</li>"
    )
    markup.show("gspe-rows")


def visit_words(visit: KnownVisit, words: Words) -> str:
    key = "person.visit_open" if visit.is_open else "person.visit"
    start, end = words.time(visit.arrived_at), words.time(visit.last_seen_at)
    return words(key, start=start, end=end, camera=visit.camera_name)


def _shot(
    shot: MatchedShot,
    visit: KnownVisit,
    name: str,
    match: MatchInForce | None,
    markup: Markup,
    words: Words,
) -> str:
    label = words(f"person.{shot.kind}", time=words.time(shot.captured_at, seconds=True))
    elsewhere = shot.camera_name if shot.camera_name != visit.camera_name else ""
    picture = markup.face(shot.path, joined(name, label), whole=f"/api/picture/evidence/{shot.evidence_id}")
    return (
        f'<div class="gspe-shot">{picture}<div><b>{escape(label)}</b> {line(elsewhere)}'
        f"{_why(shot, visit, match, words)}</div></div>"
    )


def _why(shot: MatchedShot, visit: KnownVisit, match: MatchInForce | None, words: Words) -> str:
    """What decided the name, for who asks; nothing where nothing is known of it."""
    parts = (_decided(shot, visit, match, words), _score(shot, visit, words))
    told = "".join(f"<p>{escape(part)}</p>" for part in parts if part)
    question = escape(words("person.why"))
    return f'<details class="gspe-why"><summary>{question}</summary>{told}</details>' if told else ""


def _score(shot: MatchedShot, visit: KnownVisit, words: Words) -> str:
    """Nothing of who was named by hand: nobody was compared."""
    if visit.origin == VisitOrigin.NAMED:
        return ""
    score = words("person.score", score=words.number(shot.score, 3))
    if shot.runner_up_score is None:
        return joined(score, words("person.alone"))
    lead = words.number(shot.score - shot.runner_up_score, 3)
    key = "person.lead" if shot.runner_up_name else "person.lead_other"
    told = words(key, lead=lead, name=shot.runner_up_name, score=words.number(shot.runner_up_score, 3))
    return joined(score, told)


def _decided(shot: MatchedShot, visit: KnownVisit, match: MatchInForce | None, words: Words) -> str:
    """The rule that gave the picture its name."""
    score = words.number(shot.score, 3)
    if visit.origin == VisitOrigin.NAMED:
        return words("person.decided.named" if shot.score else "person.decided.named_new", score=score)
    if match is None:
        return ""
    if shot.pack_id != match.pack_id:
        return words("person.decided.pack", pack=shot.pack_id)
    leads = shot.runner_up_score is None or shot.score - shot.runner_up_score >= match.margin
    key = "person.decided.match" if shot.score >= match.threshold and leads else "person.decided.held"
    if shot.score < match.threshold - match.margin:  # as far as a name may be held, the worker's MatchRule
        key = "person.decided.other_rule"
    limits = {"threshold": words.number(match.threshold, 3), "margin": words.number(match.margin, 3)}
    return words(key, score=score, **limits)


def _said(said: Said, words: Words, now: datetime) -> str:
    return words(
        "person.said",
        author=said.author,
        time=words.moment(said.at, now),
        name=said.to_name or words("person.nobody"),
        reason=said.reason,
    )
