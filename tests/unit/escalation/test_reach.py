"""How a called person is reached, as a table: a reach rule, what was tried, and what is to go out."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tocsin.escalation.reach import channel_of, informations, methods, pages
from tocsin.incident import facts as f
from tocsin.settings import Person, ReachStep, Settings
from unit.timeline import BEGAN, PEOPLE, SETTINGS, WHY, acknowledged, called, opened, story

Told = tuple[tuple[float, f.FactBody], ...]


def reached_by(*steps: tuple[str, int]) -> Settings:
    """Give the team with Mira reached by these steps: channels and minutes to wait."""
    reach = tuple(ReachStep(via=tuple(via.split()), wait=timedelta(minutes=wait)) for via, wait in steps)
    return replace(SETTINGS, people=PEOPLE | {"mira": Person(id="mira", name="Mira", reach=reach)})


def sent(method: str, *, level: str = "L1", counted: int = 1) -> f.Paged:
    """Give the fact that a page to Mira went out."""
    return f.Paged(level=level, round=counted, person="mira", method=method)


def failed(method: str, *, permanent: bool = False) -> f.PageFailed:
    """Give the fact that a page to Mira did not."""
    return f.PageFailed(level="L1", round=1, person="mira", method=method, why="down", permanent=permanent)


def due(settings: Settings, *told: tuple[float, f.FactBody]) -> list[str]:
    """Give what is to go out once L1 was called: "2 mira 1.call", with "!" for what is tried without end."""
    incident = story((0, opened()), (0, called("L1", "mira")), *told)
    return [
        f"{(page.due - BEGAN).total_seconds() / 60:.3g} {page.person} {page.method}{'!' if page.endless else ''}"
        for page in pages(incident, settings)
    ]


STEPS = reached_by(("push", 2), ("sms chat", 5), ("call", 2))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # nothing got out yet: the next way starts after 25 s of that, whatever hangs or waits
        ((), ["0 mira 0.push", "0.417 mira 1.sms", "0.417 mira 1.chat", "0.833 mira 2.call"]),
        (((0, sent("0.push")),), ["2 mira 1.sms", "2 mira 1.chat", "2.42 mira 2.call"]),  # 0 + 2, 2 + 25 s
        (((0, sent("0.push")), (2, sent("1.sms"))), ["2 mira 1.chat", "7 mira 2.call"]),  # 2 + 5
        # what got out only then was in time for the wait after it
        (((0.5, sent("0.push")),), ["2 mira 1.sms", "2 mira 1.chat", "2.42 mira 2.call"]),
        # a step that failed whole moves the rest to the moment it failed
        (((0.5, failed("0.push")),), ["0.5 mira 1.sms", "0.5 mira 1.chat", "0.917 mira 2.call"]),  # 0.5 + 25 s
        # one of two channels is enough to wait
        (((0, sent("0.push")), (2, failed("1.sms"))), ["2 mira 1.chat", "2.42 mira 2.call"]),
        (((0, sent("0.push")), (2, failed("1.sms")), (2, sent("1.chat"))), ["7 mira 2.call"]),
        # a provider reported afterwards that it had not arrived
        (((0, sent("0.push")), (0.2, failed("0.push"))), ["0.2 mira 1.sms", "0.2 mira 1.chat", "0.617 mira 2.call"]),
        (((0, sent("0.push")), (2, failed("1.sms")), (3, failed("1.chat"))), ["3 mira 2.call"]),
        # everything failed for now: the fallback, and the first way that may come back
        (
            ((1, failed("0.push")), (1, failed("1.sms")), (1, failed("1.chat")), (2, failed("2.call"))),
            ["2 falk fallback.push!", "1 mira late.push!"],
        ),
        # for good: there is no late page to hope for
        (
            tuple((1, failed(method, permanent=True)) for method in ("0.push", "1.sms", "1.chat", "2.call")),
            ["1 falk fallback.push!"],
        ),
        # one of them for now: that one is tried on
        (
            (
                (1, failed("0.push", permanent=True)),
                (1, failed("1.sms", permanent=True)),
                (1, failed("1.chat")),
                (2, failed("2.call", permanent=True)),
            ),
            ["2 falk fallback.push!", "1 mira late.chat!"],
        ),
        # an acknowledgement ends them all, and so does the end
        (((1, acknowledged("falk")),), []),
        (((1, f.Resolved(cause="person")),), []),
        # what arrived is not sent again
        (((0, sent("0.push")), (2, sent("1.sms")), (2, sent("1.chat")), (7, sent("2.call"))), []),
    ],
)
def test_what_is_to_go_out(told: Told, expected: list[str]) -> None:
    assert due(STEPS, *told) == expected


def test_a_late_page_that_arrived_is_not_repeated() -> None:
    alone = reached_by(("push", 2))
    assert due(alone, (1, failed("0.push")), (9, sent("late.push"))) == ["1 falk fallback.push!"]


def test_who_left_the_configuration_is_replaced_by_the_fallback() -> None:
    gone = replace(SETTINGS, people={"falk": PEOPLE["falk"]})
    assert due(gone) == ["0 falk fallback.push!"]


def test_a_second_round_pages_again_though_the_first_arrived() -> None:
    alone = reached_by(("push", 2))
    assert due(alone, (0, sent("0.push")), (45, called("L1", "mira", counted=2))) == ["45 mira 0.push"]


def test_an_acknowledgement_ends_only_what_was_called_before_it() -> None:
    alone = reached_by(("push", 2))
    assert due(alone, (5, acknowledged("jonas")), (30, called("L2", "jonas"))) == ["30 jonas 0.push"]


def test_giving_up_pages_the_fallback_until_somebody_has_it() -> None:
    alone = reached_by(("push", 2))
    gave_up: Told = ((0, sent("0.push")), (135, f.GaveUp(rounds=3)))
    assert due(alone, *gave_up) == ["135 falk fallback.push!"]
    assert due(alone, *gave_up, (140, acknowledged("falk"))) == []


def test_a_person_in_two_levels_is_paged_for_each() -> None:
    alone = reached_by(("push", 2))
    assert due(alone, (15, called("L2", "mira"))) == ["0 mira 0.push", "15 mira 0.push"]


def told_of(*more: tuple[float, f.FactBody]) -> list[str]:
    """Give the notifications to send once the Executive was informed, who is Mira here."""
    informed = f.Informed(level="Executive", people=(f.Called("mira"),), because=WHY)
    incident = story((0, opened("P0")), (0, informed), *more)
    return [
        f"{(it.due - BEGAN).total_seconds() / 60:g} {it.person} {it.method}" for it in informations(incident, STEPS)
    ]


def test_a_notification_takes_one_way_and_another_only_when_it_fails() -> None:
    told = f.Notified(level="Executive", person="mira", method="0.push")
    failure = f.PageFailed(level="Executive", round=0, person="mira", method="0.push", why="down", permanent=False)
    assert told_of() == ["0 mira 0.push"]
    assert told_of((1, told)) == []
    assert told_of((1, failure)) == ["1 mira 1.sms"]
    assert told_of((1, f.Resolved(cause="person"))) == []


def test_who_was_told_of_an_incident_is_told_again_when_it_comes_back() -> None:
    told = f.Notified(level="Executive", person="mira", method="0.push")
    informed = f.Informed(level="Executive", people=(f.Called("mira"),), because=WHY)
    again = f.Reopened(automatic=False, because=WHY)
    assert told_of((1, told), (5, f.Resolved(cause="person")), (9, again), (9, informed)) == ["9 mira 0.push"]


def test_an_acknowledgement_does_not_stop_a_notification() -> None:
    assert told_of((1, acknowledged("mira"))) == ["0 mira 0.push"]


def test_a_method_names_its_step_and_its_channel() -> None:
    assert methods(STEPS.people["mira"]) == ("0.push", "1.sms", "1.chat", "2.call")
    assert [channel_of(method) for method in ("0.push", "late.sms", "fallback.my.chat")] == ["push", "sms", "my.chat"]
