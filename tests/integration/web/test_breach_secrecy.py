"""A breach in a running server: whoever it does not concern sees a server on which nothing happened."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.routing import Route

from integration.servers import EXAMPLE, PATIENCE, TEAM_THAT_RUNS, Here, serving
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.web.app import application

Headers = dict[str, str]
SUMMARY = "Ledger Quagga was copied"
NOTE = "The Okapi account did it"
ABSENT = "INC-2026-0777"
CONCERNED = ("sam", "lea", "jonas", "ada")
WAYS = ("token", "session")

# What a page may say differently a moment later although nothing happened.
_PASSING = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?", "<instant>"),
    (r"\b\d{13}\b", "<millis>"),
    (r"\b\d\d:\d\d(?::\d\d)?\b", "<clock>"),
    (r"\b\d+(?:\.\d+)? s\b", "<seconds>"),
    (r'_seconds_ago":[\d.]+', '_seconds_ago":<seconds>'),
)


class Answer(NamedTuple):
    """What came back, without what the clock alone changes."""

    status: int
    body: str
    etag: str

    @classmethod
    def of(cls, answer: httpx.Response, number: str = ABSENT) -> "Answer":
        body = answer.text.replace(number, ABSENT)
        for pattern, instead in _PASSING:
            body = re.sub(pattern, instead, body)
        return cls(answer.status_code, body, answer.headers.get("etag", ""))


class Drill:
    """A server with a breach, everybody's way in, and everything that was sent to anybody."""

    def __init__(self, here: Here) -> None:
        self.here = here
        here.clock.stand()  # minutes that pass would be told differently
        self.number = ""
        self.sent: list[Sent] = []
        self.parts: dict[str, str] = {}
        here.tocsin.deeds.channels = {"console": RehearsalChannel("console", here.clock, self.sent)}

    async def who(self, person: str, way: str) -> Headers:
        """The headers of a person, or of nobody."""
        if not person:
            return {}
        return await (self.here.token(person) if way == "token" else self.here.session(person))

    async def everything(self, who: Mapping[str, str]) -> dict[str, Answer]:
        """Every address that names nothing, as this reader gets it."""
        paths = [*LISTS, *(f"/app/?region={part}" for part in ("me", "open", "lately", "oncall", "runbook", "pulse"))]
        paths += ["/api/v1/incidents?status=open&limit=500", "/api/v1/actions?open=1", "/api/v2/alerts"]
        return {path: Answer.of(await self.here.client.get(path, headers=who)) for path in paths}

    async def breach(self) -> None:
        """It opens, those concerned are paged, one of them works on it."""
        self.number = (await self.here.declare(SUMMARY, type="data-breach"))["id"]
        async with asyncio.timeout(PATIENCE):
            while {"sam", "lea", "jonas"} - {one.person for one in self.sent}:  # noqa: ASYNC110  waits for a channel
                await asyncio.sleep(0.02)
        lea, one = await self.here.token("lea"), f"/api/v1/incidents/{self.number}"
        await self._must(lea, f"{one}/acknowledge")
        await self._must(lea, f"{one}/notes", text=NOTE)
        kept = await self._must(lea, f"{one}/evidence", name="okapi.log", text=NOTE)
        phases = (await self.here.get(f"{one}/phases", lea)).json()["phases"]
        clocks = (await self.here.get(f"{one}/deadlines", lea)).json()["deadlines"]
        shown = (await self.here.get(one, lea)).json()
        self.parts = {
            "step": shown["steps"][0]["id"],
            "sha": kept["evidence"][0]["sha256"],
            "phase": phases[0]["id"] if phases else "contain",
            "deadline": clocks[0]["id"],
            "part": "1",
            "action": "1",
        }

    async def end(self) -> None:
        """It is resolved, so that there is a review of it."""
        await self._must(await self.here.token("lea"), f"/api/v1/incidents/{self.number}/resolve", why=NOTE)

    async def _must(self, who: Mapping[str, str], path: str, **body: str) -> Any:
        answer = await self.here.post(path, body, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def filled(self, path: str, number: str) -> str:
        """An address of this incident."""
        for name, value in {**self.parts, "number": number}.items():
            path = path.replace(f"{{{name}}}", value)
        return path


def addresses() -> Iterator[tuple[str, str]]:
    """Every address of the application with its methods: one that is added later is looked at too."""
    nobody: Any = None
    for route in application(nobody).routes:
        assert isinstance(route, Route)
        yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")


OF_ONE = [(method, path) for method, path in addresses() if "{number}" in path]
STREAMS = ("/app/events", "/app/events/probes")
"""They never end; what they tell whom is asked in tests of their own."""
LISTS = [path for method, path in addresses() if method == "GET" and "{" not in path and path not in STREAMS]


@pytest.fixture(params=["bundled", "practice"])
async def drill(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Drill]:
    """A server that runs the bundled runbook, or the practice one; nothing happened yet."""
    runbook = EXAMPLE
    if request.param == "practice":
        runbook = tmp_path / "RUNBOOK.md"
        runbook.write_bytes(request.getfixturevalue("seed"))
    async with serving(tmp_path / "data", runbook, TEAM_THAT_RUNS) as here:
        yield Drill(here)


def secrets_of(drill: Drill) -> tuple[str, ...]:
    return drill.number, "Quagga", "Okapi", "okapi.log"


# -- those it does not concern


async def test_lists_pages_and_feeds_stay_as_they_were(drill: Drill) -> None:
    plain = (await drill.here.declare("A plain one"))["id"]
    await drill.here.post(f"/api/v1/incidents/{plain}/resolve", {"why": "over"})
    await drill.here.until(lambda found: found[0]["status"] == "resolved")
    readers = (("", "token"), ("mira", "session"), ("tom", "token"))
    headers = {reader: await drill.who(*reader) for reader in readers}
    before = {reader: await drill.everything(who) for reader, who in headers.items()}
    assert plain in before["mira", "session"]["/app/"].body
    for stage in (drill.breach, drill.end):
        await stage()
        for reader, who in headers.items():
            after = await drill.everything(who)
            for path, answer in after.items():
                assert answer == before[reader][path], (reader, path)
                assert not [word for word in secrets_of(drill) if word in answer.body], (reader, path)


async def test_a_page_that_is_open_is_told_nothing_of_it(tmp_path: Path) -> None:
    depends = '\n[incident_types.high-error-rate]\ndepends_on = ["data-breach"]\n'
    async with serving(tmp_path / "data", config=TEAM_THAT_RUNS + depends) as here:
        drill = Drill(here)
        plain = (await here.declare("Orders fail", type="high-error-rate"))["id"]
        await here.post(f"/api/v1/incidents/{plain}/resolve", {"why": "over"})
        await here.until(lambda found: found[0]["status"] == "resolved")
        mira = await here.session("mira")

        await drill.breach()
        page = (await here.client.get(f"/app/incidents/{plain}", headers=mira)).text
        assert 'data-version="' in page
        assert drill.number not in page


async def test_every_address_of_it_answers_as_if_it_were_not_there(drill: Drill) -> None:
    await drill.breach()
    before = {reader: await every_address(drill, reader, ABSENT) for reader in ("", "mira")}
    for stage in ("open", "resolved"):
        for reader, absent in before.items():
            hidden = await every_address(drill, reader, drill.number)
            for address, answer in hidden.items():
                assert answer == absent[address], (stage, reader, address)
                assert answer.status in _nothing_there(address, reader), (stage, reader, address)
                assert not [word for word in secrets_of(drill)[1:] if word in answer.body], address
        if stage == "open":
            await drill.end()


async def every_address(drill: Drill, reader: str, number: str) -> dict[tuple[str, str], Answer]:
    """What this reader gets at each address of an incident: pages by their session, the rest by their token."""
    site = str(drill.here.client.base_url).rstrip("/")
    ways = {way: {**await drill.who(reader, way), "Origin": site} for way in WAYS}
    answers = {}
    for method, path in OF_ONE:
        headers = ways["session" if path.startswith("/app/") else "token"]
        answer = await drill.here.client.request(method, drill.filled(path, number), headers=headers, data={})
        answers[method, path] = Answer.of(answer, number)
    return answers


def _nothing_there(address: tuple[str, str], reader: str) -> set[int]:
    method, path = address
    if not reader and not path.startswith("/status/"):
        return {401}
    # A body that does not fit is refused before anything is looked up, for any incident alike.
    return {404} if method == "GET" else {400, 404}


async def test_nothing_is_done_to_it(drill: Drill) -> None:
    await drill.breach()
    lea, one = await drill.here.token("lea"), f"/api/v1/incidents/{drill.number}"
    before = (await drill.here.get(f"{one}/timeline", lea)).json()["timeline"]
    bodies: dict[str, dict[str, object]] = {
        "severity": {"severity": "P3", "because": "x"},
        "notes": {"text": "x"},
        "updates": {"text": "x", "public": True},
        "check": {"done": True},
        "evidence": {"name": "x", "text": "x"},
        "{deadline}": {"note": "x"},
        "merge": {"into": ABSENT},
        "split": {"alerts": ["default/x"]},
    }
    mira = await drill.here.token("mira")
    for method, path in OF_ONE:
        if method == "POST" and path.startswith("/api/v1/incidents/"):
            body = bodies.get(path.rpartition("/")[2], {})
            answer = await drill.here.post(drill.filled(path, drill.number), body, mira)
            assert answer.status_code == 404, path
    after = (await drill.here.get(f"{one}/timeline", lea)).json()["timeline"]
    assert [fact for fact in after if fact["by"] == "person:mira"] == []
    assert after[: len(before)] == before


async def test_nobody_else_is_told(drill: Drill) -> None:
    await drill.breach()
    await drill.end()
    assert {one.person for one in drill.sent} <= {*CONCERNED, "operator"}
    refused = await drill.here.post(
        f"/api/v1/incidents/{drill.number}/updates",
        {"text": "We look into it", "public": True},
        await drill.here.token("lea"),
    )
    assert refused.status_code == 409


@contextlib.asynccontextmanager
async def listening(drill: Drill, who: Mapping[str, str]) -> AsyncIterator[list[str]]:
    """The events of a first page, as they come over the socket."""
    heard: list[str] = []

    async def listen() -> None:
        async with drill.here.client.stream("GET", "/app/events", headers=who) as answer:
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    heard.append(line)  # noqa: PERF401  others read it meanwhile

    task = asyncio.create_task(listen())
    try:
        await until(heard, 1)
        yield heard
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(heard: list[str], count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(heard) < count:  # noqa: ASYNC110  waits for a socket
            await asyncio.sleep(0.02)


async def test_live_pages_say_nothing_before_something_else_happens(drill: Drill) -> None:
    mira, lea = await drill.here.session("mira"), await drill.here.session("lea")
    async with listening(drill, mira) as outside, listening(drill, lea) as inside:
        await drill.breach()
        await until(inside, 2)
        await drill.end()
        await asyncio.sleep(0.3)
        assert outside == ["event: changed"]
        await drill.here.declare("A plain one")
        await until(outside, 2)
    answer = await drill.here.client.get(f"/app/events/{drill.number}", headers=mira)
    assert answer.status_code == 404


# -- those it concerns


@pytest.mark.parametrize("person", CONCERNED)
async def test_those_it_concerns_see_all_of_it(drill: Drill, person: str) -> None:
    await drill.breach()
    one = f"/api/v1/incidents/{drill.number}"
    token, session = await drill.here.token(person), await drill.here.session(person)
    shown = (await drill.here.get(one, token)).json()
    assert (shown["summary"], shown["type"], shown["restricted"]) == (SUMMARY, "data-breach", True)
    for way in ("timeline", "receipts", "phases", "deadlines", "evidence"):
        assert (await drill.here.get(f"{one}/{way}", token)).status_code == 200
    listed = (await drill.here.get("/api/v1/incidents", token)).json()["incidents"]
    assert [line["id"] for line in listed] == [drill.number]
    assert drill.number in (await drill.here.client.get("/app/", headers=session)).text
    assert NOTE in (await drill.here.client.get(f"/app/incidents/{drill.number}", headers=session)).text
    await drill.end()
    reviews = (await drill.here.get("/api/v1/reviews", token)).json()["reviews"]
    assert [review["incident"] for review in reviews] == [drill.number]
