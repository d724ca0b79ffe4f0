"""`migrate`, `backup`, `restore` and `confirm-restore`: looking after the store itself."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, print_json
from tocsin.cli.stores import add_store, find_store
from tocsin.errors import UsageError

if TYPE_CHECKING:
    from tocsin.store.portable import Head


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands about the store."""
    migrate = subparsers.add_parser("migrate", help="bring the tables up to date, as the next start would")
    _add_places(migrate)
    migrate.set_defaults(run=run_migrate)
    backup = subparsers.add_parser("backup", help="write everything into one file, also while servers work")
    backup.add_argument("file", metavar="FILE", type=Path, help="a new file; it holds secrets")
    _add_places(backup)
    backup.set_defaults(run=run_backup)
    restore = subparsers.add_parser("restore", help="fill an empty store from a backup; paging then waits")
    restore.add_argument("file", metavar="FILE", type=Path)
    _add_places(restore)
    restore.set_defaults(run=run_restore)
    confirm = subparsers.add_parser("confirm-restore", help="let paging go on after a restore")
    confirm.add_argument("--dry-run", action="store_true", help="only say what would happen at once")
    add_format(confirm)
    confirm.set_defaults(run=run_confirm)


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", type=Path, default=Path(os.environ.get("TOCSIN_DATA", ".tocsin")))
    parser.add_argument("--config", metavar="F", type=Path, help="the configuration, where it says which store")
    add_store(parser)


def run_migrate(args: argparse.Namespace) -> int:
    """Apply what is missing and print it."""
    url = find_store(args.store, args.config)
    applied = asyncio.run(_migrate_database(url)) if url else _migrate_file(args.data)
    for name in applied:
        print(f"  {name.removesuffix('.sql')}")
    print(f"Applied {len(applied)} migrations." if applied else "The tables are up to date.")
    return 0


async def _migrate_database(url: str) -> tuple[str, ...]:
    from tocsin.store.postgres import migrate  # noqa: PLC0415  only who uses PostgreSQL pays for its driver

    return await migrate(url)


def _migrate_file(data: Path) -> tuple[str, ...]:
    from tocsin.store import sqlite  # noqa: PLC0415  as above

    path = data / "tocsin.db"
    if not path.is_file():
        raise UsageError(f"there is no {path}; say with --data where the server keeps its data")
    held = sqlite.lock(path.with_suffix(".lock"))
    db = sqlite.connect(path)
    try:
        return sqlite.migrate(db)
    finally:
        db.close()
        held.close()


def run_backup(args: argparse.Namespace) -> int:
    """Write a backup, read it again as a restore would, and print what is in it."""
    from tocsin.store.portable import Backup, new_file, write_backup  # noqa: PLC0415  as above

    url, at = find_store(args.store, args.config), _now()

    async def write() -> "Head":
        if url is not None:
            from tocsin.store.moving_postgres import postgres_snapshot  # noqa: PLC0415  as above

            async with postgres_snapshot(url) as snapshot:
                return await write_backup(snapshot, out, at)
        from tocsin.store.moving import SqliteSnapshot  # noqa: PLC0415  as above

        file = SqliteSnapshot(args.data / "tocsin.db")
        try:
            return await write_backup(file, out, at)
        finally:
            file.close()

    with new_file(args.file) as out:
        head = asyncio.run(write())
    faults = Backup(args.file).faults()
    for fault in faults:
        print(fault)
    print(f"{args.file}: {len(head.heads)} incidents, {args.file.stat().st_size:,} bytes, {len(faults)} faults.")
    print("It holds the keys of this Tocsin: keep it as safe as the store.")
    return 1 if faults else 0


def run_restore(args: argparse.Namespace) -> int:
    """Fill an empty store and say what comes next."""
    from tocsin.store.moving import fill_sqlite  # noqa: PLC0415  as above
    from tocsin.store.portable import Backup  # noqa: PLC0415  as above

    url = find_store(args.store, args.config)
    backup = Backup(args.file)
    faults = backup.faults()
    if faults:
        for fault in faults:
            print(fault)
        raise UsageError(f"{args.file}: {len(faults)} timelines are not what they were; take another backup")
    if url is not None:
        from tocsin.store.moving_postgres import fill_postgres  # noqa: PLC0415  as above

        asyncio.run(fill_postgres(backup, url, _now()))
    else:
        from tocsin.assembly import make_data_folder  # noqa: PLC0415  as above

        make_data_folder(args.data)
        fill_sqlite(backup, args.data, _now())
    print(f"Restored {len(backup.head.heads)} incidents as they were {backup.head.at}; every timeline is verified.")
    print("Start the server. It pages nobody until you say `tocsin confirm-restore`, or press the button on its pages.")
    return 0


def run_confirm(args: argparse.Namespace) -> int:
    """Print what waits and let it happen."""
    client = Client()
    found = client.get("/api/v1/restore")
    confirmed = not args.dry_run and found["waiting"] and client.post("/api/v1/restore/confirm", {})["confirmed"]
    if args.format == "json":
        print_json({**found, "confirmed": bool(confirmed)})
        return 0 if found["waiting"] else 1
    if not found["waiting"]:
        print("Nothing waits for a confirmation.")
        return 1
    print(f"The backup was taken {found['taken_at']}.")
    for sentence in found["due"]:
        print(f"  {sentence}")
    print("Confirmed: this happens now." if confirmed else "This happens at once when you confirm.")
    return 0


def _now() -> str:
    from tocsin.clock import SystemClock  # noqa: PLC0415  as above

    return SystemClock().now().isoformat(timespec="seconds")
