"""DBOS on the work of `script/bench engine`: delayed workflows of one step, a POST. `seed PLAN`, then `work PLAN`."""

import json
import sys
import time
from typing import Any

import httpx
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from tocsin.clock import SystemClock

ENQUEUED_PER_SECOND = 40
LATER = 7 * 86_400
QUEUE = "pages"
client = httpx.Client(timeout=10)
sink = ""


@DBOS.step()
def post(name: str) -> None:
    """Send one page."""
    client.post(sink, json={"name": name}, headers={"Idempotency-Key": name}).raise_for_status()


@DBOS.workflow()
def page(name: str) -> None:
    """Send one page when its time has come."""
    post(name)


def launch(plan: dict[str, Any]) -> str:
    """Start the engine on the plan's store and give the address of the store."""
    global sink  # noqa: PLW0603  a workflow takes no connection as its argument
    sink = plan["sink"]
    url = plan["database"] or f"sqlite:///{plan['folder']}/dbos.sqlite"
    # A pinned version: by default, changed code leaves waiting work where it is.
    DBOS(config=DBOSConfig(name="bench", system_database_url=url, application_version="1", log_level="ERROR"))
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=64, polling_interval_sec=0.25)
    return url


def enqueue(name: str, at: float) -> None:
    """Let one page wait for its instant."""
    seconds = max(at - SystemClock().now().timestamp(), 0.001)
    with SetWorkflowID(name), SetEnqueueOptions(delay_seconds=seconds):
        DBOS.enqueue_workflow(QUEUE, page, name)


def seed(plan: dict[str, Any]) -> float:
    """Put everything in and give the instant at which the first page is due."""
    url = launch(plan)
    now = SystemClock().now().timestamp()
    if plan["waiting"]:
        enqueue("later-0", now + LATER)
        _clone(url, plan["waiting"])
    begins: float = (
        SystemClock().now().timestamp() + (plan["due"] + plan["burst"]) / ENQUEUED_PER_SECOND + plan["idle"] + 12
    )
    for place in range(plan["due"]):
        due = begins + place / plan["rate"]
        enqueue(f"due-{int(due * 1000)}-rate-{place}", due)
    due = begins + plan["due"] / plan["rate"] + 5
    for place in range(plan["burst"]):
        enqueue(f"due-{int(due * 1000)}-burst-{place}", due)
    DBOS.destroy()
    return begins


def _clone(url: str, count: int) -> None:
    """Copy one waiting row so many times: enqueued one by one it would take an hour."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    table = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    with engine.begin() as connection:
        [row] = connection.execute(sa.text(f"SELECT * FROM {table} WHERE workflow_uuid = 'later-0'")).mappings()
        copies = [{**row, "workflow_uuid": f"later-{place}"} for place in range(1, count)]
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        for start in range(0, len(copies), 1000):
            connection.execute(
                sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), copies[start : start + 1000]
            )


def main() -> None:
    """Seed, or work until ended."""
    mode, plan = sys.argv[1], json.loads(sys.argv[2])
    if mode == "seed":
        print(seed(plan), flush=True)
        return
    launch(plan)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
