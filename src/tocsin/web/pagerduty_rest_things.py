"""PagerDuty's shapes of what there is: policies, schedules, services, priorities. Values in, values out."""

from datetime import timedelta

from tocsin.escalation.duties import Period
from tocsin.escalation.policies import GENERAL, Policy, policies
from tocsin.escalation.schedule import fallback, members_of, person
from tocsin.escalation.shifts import shifts
from tocsin.lifecycle import World
from tocsin.runbook.policy import Runbook
from tocsin.settings import Schedule
from tocsin.web.pagerduty_rest_shapes import Place, Shape, instant, reference, user, user_reference
from tocsin.web.pagerduty_rest_shapes import whole as thing

_MINUTE = timedelta(minutes=1)
_USUAL_MINUTES = 30
_MOST_TARGETS = 10
_COLORS = ("a8171c", "eb6016", "f9b406", "555555")
DECLARED = "manual"
"""The service of what people declare."""


def escalation_policy(policy: Policy, world: World, place: Place, *, whole: bool = False) -> Shape:
    """Give a policy with its rungs: how long each has, and whom it calls, by reference or whole."""
    runbook, settings = world
    minutes = _minutes(runbook)
    rules = [
        {
            "id": f"{policy.id}-{rung}",
            "escalation_delay_in_minutes": minutes[min(rung, len(minutes)) - 1],
            "targets": [one for name in names for one in _targets(name, world, place, whole=whole)][:_MOST_TARGETS],
        }
        for rung, names in enumerate(policy.rungs, 1)
    ]
    return {
        **thing("escalation_policy", policy.id, policy.name, place),
        "description": "",
        "num_loops": max(settings.max_rounds - 1, 0),
        "on_call_handoff_notifications": "always",
        "escalation_rules": rules,
        "services": [],
        "teams": [],
    }


def _minutes(runbook: Runbook) -> tuple[int, ...]:
    """Give how many minutes each rung has before the next is called."""
    found = [int(level.after / _MINUTE) for level in runbook.escalation[1:] if level.after]
    return tuple(found) or (_USUAL_MINUTES,)


def people_of(policy: Shape) -> set[str]:
    """Give whom a policy calls directly, not by a schedule."""
    targets = [one for rule in policy["escalation_rules"] for one in rule["targets"]]
    return {one["id"] for one in targets if one["type"].startswith("user")}


def _targets(name: str, world: World, place: Place, *, whole: bool) -> list[Shape]:
    members = members_of(name, *world) or tuple(one.id for one in fallback(place.settings))
    return [_target(one, world, place, whole=whole) for one in members]


def _target(name: str, world: World, place: Place, *, whole: bool) -> Shape:
    one, someone = place.settings.schedules.get(name), person(name, place.settings)
    if one is not None:
        return schedule(one, world, place) if whole else reference("schedule", name, name, place)
    return user(someone, place) if whole and someone else user_reference(name, place)


def schedule(one: Schedule, world: World, place: Place) -> Shape:
    """Give a schedule: its people, and the policies it is in."""
    people = tuple(dict.fromkeys(person_id for layer in one.layers for person_id in layer.people))
    inside = [
        policy for policy in policies(*world) if any(one.id in members_of(name, *world) for name in _named(policy))
    ]
    return {
        **thing("schedule", one.id, one.id, place),
        "time_zone": one.timezone,
        "description": "",
        "users": [user_reference(person_id, place) for person_id in people],
        "escalation_policies": [reference("escalation_policy", each.id, each.name, place) for each in inside],
        "teams": [],
    }


def whole_schedule(one: Schedule, world: World, place: Place, period: Period, *, overflow: bool = False) -> Shape:
    """Give a schedule with its layers and the turns of a period: cut at its ends, or with `overflow` as they are."""
    turns = [
        {
            "user": user_reference(turn.person, place),
            "start": instant(turn.start if overflow else max(turn.start, period.since), place),
            "end": instant(turn.end if overflow else min(turn.end or period.until, period.until), place),
        }
        for turn in shifts(one, *period)
        if period.since < period.until
    ]
    return {
        **schedule(one, world, place),
        "schedule_layers": [_layer(one, number, place) for number in range(len(one.layers))][::-1],
        "overrides_subschedule": {"name": "Overrides", "rendered_schedule_entries": []},
        "final_schedule": {"name": "Final Schedule", "rendered_schedule_entries": turns},
    }


def _layer(one: Schedule, number: int, place: Place) -> Shape:
    layer = one.layers[number]
    start = instant(layer.start, place)
    return {
        "id": f"{one.id}-{number + 1}",
        "name": f"Layer {number + 1}",
        "start": start,
        "users": [{"user": user_reference(person_id, place)} for person_id in layer.people],
        "restrictions": [],
        "rotation_virtual_start": start,
        "rotation_turn_length_seconds": int(layer.rotation.total_seconds()),
    }


def _named(policy: Policy) -> list[str]:
    return [name for rung in policy.rungs for name in rung]


def service(source: str, place: Place) -> Shape:
    """Give a source of alerts as what PagerDuty calls a service."""
    return {
        **thing("service", source, source, place),
        "description": "",
        "status": "active",
        "escalation_policy": reference("escalation_policy", GENERAL, "Escalation path", place),
        "teams": [],
        "integrations": [],
    }


def priority(severity: str, rank: int, name: str | None, place: Place) -> Shape:
    """Give a severity as what PagerDuty calls a priority; `order` is larger for what is more urgent."""
    found = thing("priority", severity, severity, place)
    return {**found, "description": name or "", "order": 2 ** max(8 - rank, 0), "color": _COLORS[min(rank, 3)]}
