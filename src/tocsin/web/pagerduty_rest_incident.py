"""PagerDuty's shapes of incidents and notes. Values in, values out."""

from collections.abc import Collection, Sequence
from datetime import datetime

from tocsin.escalation.policies import Policy, policies
from tocsin.escalation.schedule import person
from tocsin.incident.facts import Fact, Noted
from tocsin.incident.incident import Incident
from tocsin.lifecycle import World
from tocsin.triage.severity import severity_rank
from tocsin.web.pagerduty_rest_log import log_entry
from tocsin.web.pagerduty_rest_shapes import Place, Shape, instant, reference, user, user_reference
from tocsin.web.pagerduty_rest_things import escalation_policy, priority, service

_LOUD = frozenset({"P0", "P1"})


def urgency(severity: str) -> str:
    """Give how loud PagerDuty would call it."""
    return "high" if severity in _LOUD else "low"


def incident(one: Incident, world: World, place: Place, include: Collection[str] = ()) -> Shape:
    """Give an incident as PagerDuty's clients read it. `include` names references that are given whole."""
    source, _, key = one.group_key.partition("/")
    place = place._replace(settings=world.settings)
    ordinal = int(one.number.rpartition("-")[2])
    severity = world.runbook.severity(one.severity)
    rank = severity_rank(world.runbook, one.severity)
    policy = policy_of(one, world)
    return {
        "id": one.number,
        "type": "incident",
        "summary": f"[#{ordinal}] {one.title}",
        "self": f"{place.url}/incidents/{one.number}",
        "html_url": f"{place.url}/app/incidents/{one.number}",
        "incident_number": ordinal,
        "title": one.title,
        "description": one.summary,
        "created_at": instant(one.opened_at, place),
        "updated_at": instant(one.at, place),
        "status": one.status,
        "incident_key": key,
        "urgency": urgency(one.severity),
        "priority": priority(one.severity, rank, severity.name if severity else None, place),
        "service": service(source, place) if "services" in include else reference("service", source, source, place),
        "escalation_policy": escalation_policy(policy, world, place)
        if "escalation_policies" in include
        else reference("escalation_policy", policy.id, policy.name, place),
        "assigned_via": "escalation_policy",
        "assignments": _assignments(one, place, include),
        "acknowledgements": _acknowledgements(one, place, include),
        "last_status_change_at": instant(_changed(one), place),
        "first_trigger_log_entry": reference("log_entry", f"{one.number}-1", "Triggered", place)
        | {"type": "trigger_log_entry_reference"},
        "alert_counts": _counts(one),
        "is_mergeable": False,
        "teams": [],
        "pending_actions": [],
        **({"resolved_at": instant(one.resolved.at, place)} if one.resolved else {}),
        **({"incident_type": {"name": one.incident_type}} if one.incident_type else {}),
    }


def policy_of(one: Incident, world: World) -> Policy:
    """Give the policy of an incident: that of its entry, else the general one."""
    ladders = policies(*world)
    return next((each for each in ladders if each.id == one.incident_type), ladders[0])


def whole_incident(one: Incident, facts: Sequence[Fact], world: World, place: Place, include: Collection[str]) -> Shape:
    """Give the same with what only its facts tell, where that is asked for."""
    shown, first = incident(one, world, place, include), next(iter(facts), None)
    if "first_trigger_log_entries" in include and first is not None:
        shown["first_trigger_log_entry"] = log_entry(first, one, place)
    return shown


def assigned(one: Incident) -> list[tuple[datetime, str]]:
    """Give who has it, and since when: whoever took it, else everybody who was called last; nobody once it is over."""
    if one.status == "resolved":
        return []
    mark = one.acknowledged
    if mark is not None and mark.by.startswith("person:"):
        return [(mark.at, mark.by.removeprefix("person:"))]
    return [(call.at, who.person) for call in one.current_calls[-1:] for who in call.people]


def note(fact: Fact, number: str, place: Place) -> Shape:
    """Give a note that somebody wrote."""
    if not isinstance(fact.body, Noted):
        raise TypeError("this is no note")
    return {
        "id": f"{number}-{fact.seq}",
        "user": _agent(fact.body.by, place, "bot_user"),
        "content": fact.body.text,
        "created_at": instant(fact.at, place),
        "channel": {"summary": "Tocsin"},
    }


def _assignments(one: Incident, place: Place, include: Collection[str]) -> list[Shape]:
    whole = "assignees" in include
    return [{"at": instant(at, place), "assignee": _person(who, place, whole)} for at, who in assigned(one)]


def _acknowledgements(one: Incident, place: Place, include: Collection[str]) -> list[Shape]:
    mark = one.acknowledged if one.status == "acknowledged" else None
    if mark is None:
        return []
    whole = "acknowledgers" in include and mark.by.startswith("person:")
    who = _person(mark.by, place, whole) if mark.by.startswith("person:") else _agent(mark.by, place, "service")
    return [{"at": instant(mark.at, place), "acknowledger": who}]


def _changed(one: Incident) -> datetime:
    mark = one.resolved or one.acknowledged
    return mark.at if mark else one.began_at


def _counts(one: Incident) -> Shape:
    cleared = [one.cleared, *(other.cleared for other in one.others.values())]
    over = len(cleared) if one.status == "resolved" else sum(cleared)
    return {"all": len(cleared), "triggered": len(cleared) - over, "resolved": over}


def _person(by: str, place: Place, whole: bool) -> Shape:
    person_id = by.removeprefix("person:")
    someone = person(person_id, place.settings)
    return user(someone, place) if whole and someone else user_reference(person_id, place)


def _agent(by: str, place: Place, other: str) -> Shape:
    kind, _, name = by.partition(":")
    return user_reference(name, place) if kind == "person" else reference(other, name or by, name or by, place)
