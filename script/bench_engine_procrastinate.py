"""Procrastinate on the work of `script/bench engine`: scheduled tasks, a POST each. `seed PLAN`, then `work PLAN`."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import procrastinate

from tocsin.clock import SystemClock

LATER = timedelta(days=7)


def application(plan: dict[str, Any]) -> tuple[procrastinate.App, Any]:
    """Give the app on the plan's database, and its one task."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plan["database"]))
    client: list[httpx.AsyncClient] = []

    @app.task(name="page", queue="pages")
    async def page(name: str) -> None:
        if not client:
            client.append(httpx.AsyncClient(timeout=10))
        await client[0].post(plan["sink"], json={"name": name}, headers={"Idempotency-Key": name})

    return app, page


async def seed(plan: dict[str, Any]) -> float:
    """Put everything in and give the instant at which the first page is due."""
    app, page = application(plan)
    async with app.open_async():
        if plan["due"] or plan["waiting"] == 0:
            await _schema(app)
        later = SystemClock().now() + LATER
        for start in range(0, plan["waiting"], 2000):
            names = [{"name": f"later-{place}"} for place in range(start, min(start + 2000, plan["waiting"]))]
            await page.configure(schedule_at=later).batch_defer_async(*names)
        begins: float = SystemClock().now().timestamp() + (plan["due"] + plan["burst"]) / 200 + plan["idle"] + 12
        for place in range(plan["due"]):
            due = begins + place / plan["rate"]
            at = datetime.fromtimestamp(due, UTC)
            await page.configure(schedule_at=at).defer_async(name=f"due-{int(due * 1000)}-rate-{place}")
        due = begins + plan["due"] / plan["rate"] + 5
        names = [{"name": f"due-{int(due * 1000)}-burst-{place}"} for place in range(plan["burst"])]
        if names:
            await page.configure(schedule_at=datetime.fromtimestamp(due, UTC)).batch_defer_async(*names)
    return begins


async def _schema(app: procrastinate.App) -> None:
    try:
        await app.schema_manager.apply_schema_async()
    except procrastinate.exceptions.ConnectorException as error:
        if "already exists" not in str(error.__cause__):
            raise


async def work(plan: dict[str, Any]) -> None:
    """Work until ended, looking for due tasks four times a second."""
    app, _ = application(plan)
    async with app.open_async():
        await app.run_worker_async(queues=["pages"], concurrency=64, fetch_job_polling_interval=0.25)


def main() -> None:
    """Seed, or work until ended."""
    mode, plan = sys.argv[1], json.loads(sys.argv[2])
    if mode == "seed":
        print(asyncio.run(seed(plan)), flush=True)
    else:
        asyncio.run(work(plan))


if __name__ == "__main__":
    main()
