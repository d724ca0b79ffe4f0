"""`script/range inject` and `restore`: a fault for a while, and the service healthy again after it, whatever comes."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from range_faults import FAULTS, FAULTY, INDEX, NAME, ROLE, Fault, Scene
from range_load import MOST_SECONDS, Load, Seen
from range_node import answers
from range_processes import ENDINGS, Process, Unusable, process, until

if TYPE_CHECKING:
    from range_command import Range

MARKER = "fault.json"
LEFT = "a fault is under way or was left: end it with script/range restore"


def inject(found: "Range", name: str, seconds: float) -> int:
    """Break the service for so long, say what its clients saw, and mend it."""
    if name not in FAULTS:
        raise Unusable(f"there is no fault {name!r}; there are: {', '.join(FAULTS)}")
    if not 1 <= seconds <= MOST_SECONDS:
        raise Unusable(f"a fault lasts from 1 to {MOST_SECONDS:.0f} seconds")
    if (found.folder / MARKER).exists():
        raise Unusable(LEFT)
    if not found.well():
        raise Unusable("the range is not healthy: look with script/range status, start it with script/range up")
    _mark(found, name)
    print(f"{name}: {FAULTS[name].does}, for {seconds:.0f} s", flush=True)
    try:
        seen = asyncio.run(_hurt(found, FAULTS[name], seconds))
        print(f"clients saw: {seen}", flush=True)
    finally:
        for sign in ENDINGS:
            signal.signal(sign, signal.SIG_IGN)  # half mended would be worse than late
        mend(found)
        print("mended: the service is healthy", flush=True)
    return 0


def restore(found: "Range") -> int:
    """End the fault that is under way, or mend what one left behind."""
    marker = found.folder / MARKER
    if not marker.exists():
        print("No fault is under way.")
        return 0
    end_injection(found)
    if marker.exists():
        mend(found)
    print("mended: the service is healthy")
    return 0


def end_injection(found: "Range") -> None:
    """Let the injection that is under way, if there is one, mend and end."""
    marker = found.folder / MARKER
    injecting = Process(*json.loads(marker.read_text())["process"]) if marker.exists() else None
    if injecting is not None and injecting.alive:
        os.kill(injecting.pid, signal.SIGTERM)
        until(lambda: not injecting.alive, 120)


def mend(found: "Range") -> None:
    """Put everything back that any fault touches; may be done again and again."""
    marker = found.folder / MARKER
    before = json.loads(marker.read_text())
    found.database_runs()
    for statement in _PUT_BACK:
        found.database.say(statement)
    found.release.put_back(before["release"], f"v{FAULTY}")
    found.start_afresh()
    if not answers(f"http://127.0.0.1:{found.port}/health", 60):
        raise Unusable("the service does not become healthy again: take the range down and up again")
    # Only now: what the former process was still writing would come after.
    found.database.say(f'DELETE FROM "Intent" WHERE "id" > {before["last"]}')
    marker.unlink()


async def _hurt(found: "Range", fault: Fault, seconds: float) -> Seen:
    async with AsyncExitStack() as stack:
        scene = Scene(found.port, found.database.url(), found.server, found.release, found.pm2, stack)
        await fault.breaks(scene, seconds)
        return await Load(found.port, clients=fault.clients, pause=fault.pause, addresses=8).run(seconds)


def _mark(found: "Range", name: str) -> None:
    last = int(found.database.say('SELECT max("id") FROM "Intent"'))
    release = found.release.git("describe", "--tags")
    text = json.dumps({"fault": name, "process": process(os.getpid()), "release": release, "last": last})
    try:
        with (found.folder / MARKER).open("x") as marker:
            marker.write(text)
    except FileExistsError:
        raise Unusable(LEFT) from None


_PUT_BACK = (
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{NAME}'",
    'ALTER TABLE "Intent" DROP COLUMN IF EXISTS "fault"',
    INDEX,
    f'DELETE FROM "ApiKey" WHERE "name" = \'{NAME}\'',
    (
        f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN "
        f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}; END IF; END $$"
    ),
)
