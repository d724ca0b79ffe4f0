"""`evidence`: list what is kept of an incident, keep more, and get all of it to hand out."""

import argparse
import base64
import io
import zipfile
from pathlib import Path
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, moment, print_json, print_table
from tocsin.errors import UsageError

_SECONDS = 300
_LARGEST = 16 * 1024 * 1024


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `evidence`."""
    parser = subparsers.add_parser("evidence", help="list, keep and hand out the evidence of an incident")
    parser.add_argument("incident", metavar="INC")
    parser.add_argument("--add", nargs="+", type=Path, default=[], metavar="FILE", help="keep these files")
    parser.add_argument("--output", metavar="STEP", help="keep what that step printed")
    parser.add_argument("--note", default="", help="where it comes from")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write everything into this new folder")
    add_format(parser)
    parser.set_defaults(run=run_evidence)


class _Packages(Client):
    """A client that can be answered with a zip."""

    def _understood(self, status: int, raw: bytes) -> Any:  # noqa: ANN401  JSON or bytes
        return raw if raw.startswith(b"PK") else super()._understood(status, raw)


def run_evidence(args: argparse.Namespace) -> int:
    """Keep what is named, write the export where one is asked for, and list what there is."""
    client = _Packages()
    path = f"/api/v1/incidents/{args.incident}/evidence"
    for file in args.add:
        body = {"name": file.name, "base64": base64.b64encode(_content(file)).decode(), "note": args.note}
        client.post(path, body, _SECONDS)
    if args.output:
        client.post(path, {"step": args.output, "note": args.note}, _SECONDS)
    if args.export:
        _unpack(client, path, args.export)
    found = client.get(path)
    if args.format == "json":
        print_json(found)
        return 0
    for one in found["evidence"]:
        who = one["by"].partition(":")[2]
        print_table([[f"#{one['seq']}", moment(one["at"]), who, f"{one['size']} bytes", one["name"]]])
        print(f"    {one['sha256']}{'  ' + one['note'] if one['note'] else ''}")
    if not found["evidence"]:
        print("No evidence is kept.")
    if args.export:
        print(f"Written to {args.export}. Check it anywhere: python3 {args.export / 'verify.py'}")
    return 0


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            body = opened.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if len(body) > _LARGEST:
        raise UsageError(f"{file} is larger than {_LARGEST // 1024**2} MB; split it")
    return body


def _unpack(client: Client, path: str, folder: Path) -> None:
    """Write the export. The folder must be empty or new, so that nothing in it is from elsewhere."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; name a new folder")
        package = client.post(f"{path}/export", {}, _SECONDS)
        with zipfile.ZipFile(io.BytesIO(package)) as opened:
            opened.extractall(folder)  # never outside the folder: it leaves out drives, roots and ".."
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
