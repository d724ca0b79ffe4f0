"""One variant of a live drill: it breaks, is noticed, answered, told, put right, resolved and reviewed, and scored."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from tocsin.clock import Clock
from tocsin.communication.template import ASKED
from tocsin.drill.live_ear import Heard
from tocsin.drill.live_fault import Fault
from tocsin.drill.live_server import PAUSE, LiveServer
from tocsin.drill.live_stand_ins import Arrived
from tocsin.drill.live_watch import Watch
from tocsin.drill.score import Score
from tocsin.errors import Refused
from tocsin.settings import DrillSettings

Json = dict[str, Any]
Tell = Callable[[str], None]

WITHIN = timedelta(seconds=60)
"""How long a page may take unless the configuration says so."""

_DIAGNOSED_WITHIN = _TOLD_WITHIN = 60.0
_CURIOUS = ("will", "running")
_LINK = re.compile(r"https?://[^\s\"|<>\\]+/a/[^\s\"|<>\\]+")
_TOLD_NOT_PAGED = "told, not paged"


class Scene(NamedTuple):
    """What a variant is played with. `heard` grows with what reaches anybody; everybody is on the channels `rooms`."""

    server: LiveServer
    watch: Watch
    clock: Clock
    heard: Sequence[Heard]
    rooms: Sequence[str]
    tell: Tell


class Story:
    """A scripted responder, who does over HTTP what a person would do."""

    def __init__(self, drill: DrillSettings, fault: Fault, scene: Scene) -> None:
        """Take what breaks and whom it is told to."""
        self._drill, self._fault, self._scene = drill, fault, scene
        self._server, self._clock = scene.server, scene.clock
        self.score = Score(incident_type=drill.incident_type, variant=drill.id, passed=False)
        self._because: list[str] = []
        self._seen: frozenset[str] = frozenset()
        self._number = ""
        self._who: dict[str, str] | None = None
        self._began, self._began_at = self._clock.monotonic(), self._clock.now()

    async def breaks(self) -> None:
        """Break it, and see that it is noticed, answered and told. Raises Refused when it cannot be broken."""
        self._seen = frozenset(one["id"] for one in await self._scene.watch.incidents())
        self._began, self._began_at = self._clock.monotonic(), self._clock.now()
        await self._fault.begin()
        self._say("is being broken")
        if not await self._noticed():
            return
        page = await self._paged()
        if page is not None:
            await self._acknowledged(page)
        await self._diagnosed()
        await self._told()

    def mended(self, trouble: str | None) -> None:
        """Hear how the service was put right: what went wrong with that, or None."""
        self._scores(restored=trouble is None)
        if trouble is not None:
            self.adds(trouble)

    async def is_over(self) -> None:
        """Wait until the service is well, then resolve and review."""
        unwell = await self._scene.watch.until_well()
        if unwell:
            self.adds(f"it was not well again: {unwell}")
            self._scores(restored=False)
        self._say("well again" if self.score.restored else "NOT well again")
        for one in await self._new():
            if one["id"] != self._number:
                self.adds(f"{one['id']} was opened as well: {one['title']}, {one['severity']}")
            await self._resolves(one)
        if self._number:
            self._scores(resolved=(await self._incident())["status"] == "resolved")
            await self._reviewed()
        self._say(f"resolved {_yes(self.score.resolved)}, reviewed {_yes(self.score.reviewed)}")

    def adds(self, why: str) -> None:
        """Keep a sentence of what happened."""
        self._because.append(why)
        self.score = replace(self.score, because=tuple(self._because))

    def _scores(self, **what: object) -> None:
        self.score = replace(self.score, **what)

    def _say(self, what: str) -> None:
        self._scene.tell(f"{self._drill.incident_type}/{self._drill.id} +{self._passed():.1f} s: {what}")

    def _passed(self) -> float:
        """Give the seconds since it broke, as they are scored."""
        return self._since(self._clock.monotonic())

    def _since(self, second: float) -> float:
        return round(max(second - self._began, 0.0), 1)

    def _at(self, instant: str) -> float:
        """Give when something was by the server, whose clock is this machine's, in seconds since it broke."""
        return self._since(self._began + (datetime.fromisoformat(instant) - self._began_at).total_seconds())

    def _left(self) -> float:
        """Give the seconds until the drill is over whatever came of it."""
        return self._drill.stop_after.total_seconds() - (self._clock.monotonic() - self._began)

    async def _waits(self, look: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """Look again and again; give whether it was so in time, and before the drill has to stop."""
        end = self._clock.monotonic() + min(seconds, self._left())
        while not await look():
            if self._clock.monotonic() >= end:
                return False
            await asyncio.sleep(PAUSE)
        return True

    async def _incident(self) -> Json:
        found: Json = await self._server.get(f"/api/v1/incidents/{self._number}")
        return found

    async def _new(self) -> list[Json]:
        """Give the incidents of this variant, oldest first."""
        return [one for one in reversed(await self._scene.watch.incidents()) if one["id"] not in self._seen]

    # -- it is noticed

    async def _noticed(self) -> bool:
        """Wait for its incident, and for another one if its own does not come in time."""
        found: list[Json] = []
        within = (self._drill.expect.within or WITHIN).total_seconds()

        async def opened() -> bool:
            found[:] = await self._new()
            late = bool(found) and self._passed() > within
            return any(map(self._is_right, found)) or late or self._fault.failed is not None

        if not await self._waits(opened, float("inf")) and not found:
            self.adds(f"stopped after {self._passed():.0f} s")
        if self._fault.failed:
            self.adds(self._fault.failed)
        one = next(filter(self._is_right, found), found[0] if found else None)
        if one is None:
            return False
        self._number = one["id"]
        shown = await self._incident()
        opening = next(fact["data"] for fact in shown["timeline"] if fact["fact"] == "Opened")
        self._scores(detected=self._at(one["opened_at"]), matched=self._is_right(one), severity=opening["severity"])
        for because in (*shown["because"], shown["severity_because"]):
            self.adds(because["text"])
        self._say(f"{self._number} {opening['severity']} {one['title']}")
        return True

    def _is_right(self, incident: Json) -> bool:
        return bool(incident["type"] == self._drill.incident_type)

    # -- it is answered

    async def _paged(self) -> Arrived | None:
        """Wait until a page of the incident reached somebody."""
        found: list[Heard] = []

        async def came() -> bool:
            found[:] = [one for one in self._scene.heard if self._is_page(one.message)]
            return bool(found)

        if not await self._waits(came, (self._drill.expect.within or WITHIN).total_seconds()):
            return None
        self._scores(paged=self._since(found[0].at))
        self._say(f"paged by {found[0].message.by}")
        return found[0].message

    def _is_page(self, one: Arrived) -> bool:
        asks = one.answer is not None or _LINK.search(one.text) is not None
        return self._number in one.text and asks and _TOLD_NOT_PAGED not in one.text.lower()

    async def _acknowledged(self, page: Arrived) -> None:
        """Take it the way the page offers, and act from now on as whoever was paged."""
        try:
            link = _LINK.search(page.text)
            if page.answer is not None:
                await page.answer()
            elif link is not None:
                await self._server.press(link[0])
        except Refused as error:
            self.adds(str(error))
        shown: Json = {}

        async def taken() -> bool:
            shown.update(await self._incident())
            return shown["acknowledged_by"] is not None

        if not await self._waits(taken, _TOLD_WITHIN):
            return
        self._scores(acknowledged=self._at(shown["acknowledged_at"]))
        kind, _, person = shown["acknowledged_by"].partition(":")
        self._say(f"acknowledged by {person}")
        if kind == "person":
            made = await self._server.post("/api/v1/tokens", {"name": person})
            self._who = {"Authorization": f"Bearer {made['token']}"}

    async def _diagnosed(self) -> None:
        """Wait until the diagnostics that run by themselves have ended, and count those that are useful."""
        steps: list[Json] = []

        async def over() -> bool:
            shown = (await self._incident())["steps"]
            steps[:] = [one for one in shown if one["section"] == "diagnostics" and one["kind"] == "command"]
            return not any(one["status"] in _CURIOUS for one in steps)

        if not await self._waits(over, _DIAGNOSED_WITHIN):
            self.adds("diagnostics were still under way")
        useless = [one for one in steps if not _is_useful(one)]
        for one in useless:
            self.adds(f"“{one['title']}” (line {one['line']}): {_why(one)}")
        if steps:
            self._scores(diagnostics=f"{len(steps) - len(useless)}/{len(steps)}")
            self._say(f"diagnostics {self.score.diagnostics}")

    async def _told(self) -> None:
        """Post an update in the words of the document, in public where that is allowed, and see that it is there."""
        for public in (True, False):
            try:
                shown = await self._posts(public=public)
            except Refused as error:
                if not public:
                    self.adds(f"no update: {error}")
                continue
            await self._reaches(shown)
            break
        self._say(f"told {_yes(self.score.told)}")

    async def _posts(self, *, public: bool) -> Json:
        path = f"/api/v1/incidents/{self._number}/updates"
        purpose = "public" if public else "internal"
        draft = await self._server.get(f"{path}/draft?for={purpose}&status=investigating", self._who)
        words: Json = {"text": draft["text"] or draft["title"], "title": draft["title"]}
        said = {name: ASKED.sub(r"(\1)", text) for name, text in words.items()}
        ways = () if public else self._scene.rooms
        body = {**said, "status": "identified", "public": public, "channels": ways}
        posted: Json = await self._server.post(path, body, self._who)
        return posted

    async def _reaches(self, posted: Json) -> None:
        """See that an update stands on the status page, or that a channel took it."""
        update = next(fact for fact in reversed(posted["timeline"]) if fact["fact"] == "UpdatePosted")

        async def there() -> bool:
            if update["data"]["public"]:
                page = await self._server.get("/api/v2/incidents/unresolved.json", {})
                said = [one["body"] for incident in page["incidents"] for one in incident["incident_updates"]]
                return update["data"]["text"] in said
            sent = [fact for fact in (await self._incident())["timeline"] if fact["fact"] == "UpdateSent"]
            return any(fact["data"]["update"] == update["seq"] for fact in sent)

        self._scores(told=await self._waits(there, _TOLD_WITHIN))

    # -- it is over

    async def _resolves(self, one: Json) -> None:
        """Resolve it, as whoever has it where that is known."""
        if one["status"] == "resolved":
            return
        who = self._who if one["id"] == self._number else None
        try:
            await self._server.post(f"/api/v1/incidents/{one['id']}/resolve", {"why": "the drill is over"}, who)
        except Refused as error:
            self.adds(f"{one['id']} could not be resolved: {error}")

    async def _reviewed(self) -> None:
        """Write what the draft of the review leaves to a person, and finish it."""
        path = f"/api/v1/reviews/{self._number}"
        try:
            review = await self._server.get(path, self._who)
            for part in review["parts"]:
                if part["state"] == "asked":
                    await self._server.post(f"{path}/parts/{part['id']}", {"text": "It was a drill."}, self._who)
            done = await self._server.post(f"{path}/finish", {}, self._who)
        except Refused as error:
            self.adds(f"no review: {error}")
            return
        self._scores(reviewed=done["finished_at"] is not None)


def _is_useful(step: Json) -> bool:
    ran = step["outcome"]
    return bool(ran and ran["how"] == "ended" and ran["exit"] == 0 and ran["excerpt"].strip())


def _why(step: Json) -> str:
    ran = step["outcome"]
    if ran is None:
        return "it does not run by itself" if step["status"] not in _CURIOUS else "it did not end"
    if ran["how"] == "ended" and ran["exit"] == 0:
        return "it printed nothing"
    return str(ran["found"] or f"exit {ran['exit']}")


def _yes(so: bool) -> str:
    return "yes" if so else "NO"
