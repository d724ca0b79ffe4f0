"""`serve`: the whole Tocsin in one process."""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.certificate import self_signed
from tocsin.cli.client import token_path
from tocsin.cli.logs import log_to_stderr
from tocsin.cli.stores import add_store, find_store
from tocsin.cli.watching import watch
from tocsin.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.applications import Starlette

    from tocsin.assembly import Tocsin
    from tocsin.settings import ChannelSettings
    from tocsin.web.fronts import Fronts
    from tocsin.web.server import Server

CONFIGURATION = "tocsin.toml"
_EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104  names to compare with, nothing is bound


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `serve`."""
    serve = subparsers.add_parser("serve", help="serve a runbook: alerts in, pages out, pages in the browser")
    serve.add_argument("runbook", metavar="RUNBOOK", nargs="?", type=Path, help="else what the configuration names")
    serve.add_argument("--config", metavar="F", type=Path, help=f"else {CONFIGURATION} beside the runbook, else none")
    serve.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: only this machine")
    serve.add_argument("--port", type=int, default=8080, help="default 8080; 0 takes a free one")
    serve.add_argument("--data", metavar="DIR", type=Path, help="where it keeps what it knows; default .tocsin")
    add_store(serve)
    serve.add_argument("--tls-cert", metavar="F", type=Path, help="serve https with this certificate (and --tls-key)")
    serve.add_argument("--tls-key", metavar="F", type=Path)
    serve.add_argument(
        "--tls-self-signed", action="store_true", help="serve https with a certificate made now and kept in --data"
    )
    serve.add_argument(
        "--rehearsal", metavar="F", type=Path, help="what stands in for the channels, as [channels] of this file"
    )
    serve.add_argument("--log", choices=["text", "json"], default="text", help="form of the log on stderr")
    serve.set_defaults(run=run_serve)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    if (args.tls_cert is None) != (args.tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together")
    if args.tls_cert and args.tls_self_signed:
        raise UsageError("--tls-self-signed makes a certificate; leave it out, or --tls-cert and --tls-key")
    if args.rehearsal and args.data is None:
        raise UsageError("a rehearsal never shares data with what is served: name an empty folder with --data")
    args.data = args.data or Path(os.environ.get("TOCSIN_DATA", ".tocsin"))
    os.umask(0o077)  # what the server writes is for its user's eyes alone
    if args.tls_self_signed:
        args.tls_cert, args.tls_key = self_signed(args.data, reached_at(args.host))
    if args.tls_cert:
        _check_certificate(args.tls_cert, args.tls_key)
    log_to_stderr(args.log)
    runbook, config = find_files(args.runbook, args.config)
    args.store = None if args.rehearsal else find_store(args.store, config)
    bound = _bind(args.host, args.port)
    import uvloop  # noqa: PLC0415  only a server needs it

    uvloop.run(_serve(args, runbook, config, bound))
    return 0


def _check_certificate(certificate: Path, key: Path) -> None:
    """Find out before anything starts whether these files can be used. Raises UsageError."""
    from tocsin.web.certificates import check  # noqa: PLC0415  few servers need it

    try:
        check(certificate, key)
    except (OSError, ValueError) as error:
        raise UsageError(f"{certificate} and {key} cannot be used for https: {error}") from error


def find_files(runbook: Path | None, config: Path | None) -> tuple[Path | None, Path | None]:
    """Give which runbook and which configuration to use: what was said, else what lies beside the other."""
    if config is None:
        beside = (runbook.parent if runbook else Path()) / CONFIGURATION
        config = beside if beside.is_file() else None
    if runbook is None and config is not None:
        from tocsin.configuration_file import load_settings  # noqa: PLC0415  not needed when both are named

        named = load_settings(config).runbook
        runbook = config.parent / named if named else None
    return runbook, config


def _stand_ins(rehearsal: Path) -> "Mapping[str, ChannelSettings]":
    from tocsin.configuration_file import load_settings  # noqa: PLC0415  as above

    return load_settings(rehearsal).channels


def _bind(host: str, port: int) -> socket.socket:
    from tocsin.web.server import bind  # noqa: PLC0415

    try:
        return bind(host, port)
    except (OSError, OverflowError) as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error}; choose another with --port") from error


def reached_at(host: str) -> str:
    """Give the name under which others reach what listens there: the machine's own where it takes every address."""
    return socket.gethostname().lower() if host in _EVERY_ADDRESS else host


async def _serve(args: argparse.Namespace, runbook: Path | None, config: Path | None, bound: socket.socket) -> None:
    from tocsin.assembly import Options, assemble  # noqa: PLC0415
    from tocsin.web.app import application  # noqa: PLC0415
    from tocsin.web.protocol import served  # noqa: PLC0415
    from tocsin.web.server import Server  # noqa: PLC0415

    stand_ins = _stand_ins(args.rehearsal) if args.rehearsal else None
    port = bound.getsockname()[1]
    scheme = "https" if args.tls_cert else "http"
    name = reached_at(args.host)
    address = f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"
    tocsin = await assemble(Options(runbook, config, args.data, address, args.store, stand_ins))
    gc.freeze()  # what stays for ever is not looked through again and again: each time all waited for 15 ms
    tocsin.bound_host = name
    if name != args.host and tocsin.links.public_url == address:
        logging.getLogger("tocsin").warning("links say %s; set [server] public_url to the address people use", address)
    app = application(tocsin)
    settings = served(
        app,
        ssl_certfile=args.tls_cert,
        ssl_keyfile=args.tls_key,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=",".join(tocsin.settings.trusted_proxies) or None,
        proxy_headers=bool(tocsin.settings.trusted_proxies),
    )
    with _token_file(args.host, port, tocsin.local_token):
        await _print_welcome(tocsin, address)
        if args.tls_self_signed:
            print(f"Clients trust it with\n  SSL_CERT_FILE={args.tls_cert.resolve()}\n", flush=True)
        files = (None, None) if args.store else (runbook, config)  # a node of several takes what was published
        server = Server(settings, bound, _fronts(args, bound, app))
        beside = (
            asyncio.create_task(watch(tocsin, *files), name="watching"),
            asyncio.create_task(_build(tocsin, server), name="building"),
        )
        try:
            await server.serve([])
        finally:
            for task in beside:
                task.cancel()


async def _build(tocsin: "Tocsin", server: "Server") -> None:
    """Build what alerts are held against as soon as the server listens."""
    await server.listens.wait()
    if tocsin.worlds.has_runbook:
        await tocsin.worlds.building.run(*tocsin.worlds.current)
    gc.freeze()  # as above


def _fronts(args: argparse.Namespace, bound: socket.socket, app: "Starlette") -> "Fronts | None":
    tocsin: Tocsin = app.state.tocsin
    count = tocsin.settings.intake_processes
    if not count:
        return None
    from tocsin.web.fronts import Fronts, Place  # noqa: PLC0415  few servers need it

    command = (sys.executable, "-P", "-m", "tocsin.cli.front", args.log)
    return Fronts(Place(command, bound, count, args.tls_cert, args.tls_key), tocsin, app.state.refusals)


@contextlib.contextmanager
def _token_file(host: str, port: int, token: str) -> Any:  # noqa: ANN401  a context manager
    """Leave the owner's token where commands on this machine look for it, and take it away at the end."""
    path = token_path(host, port)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(token)
    except OSError as error:
        logging.getLogger("tocsin").warning("commands need TOCSIN_TOKEN: %s cannot be written: %s", path, error)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


async def _print_welcome(tocsin: Any, address: str) -> None:  # noqa: ANN401  assembly is imported late
    runbook = tocsin.worlds.current.runbook
    person = next(iter(tocsin.settings.people), "operator")
    link = tocsin.links.sign_in(await tocsin.access.first_link(person))
    source = next(iter(tocsin.settings.sources), "default")
    body = {
        "routing_key": tocsin.access.source_key(source),
        "event_action": "trigger",
        "payload": {"summary": _example(runbook), "source": "you", "severity": "critical"},
    }
    errors = sum(1 for finding in runbook.findings if finding.level == "error")
    print(
        f"Tocsin serves {runbook.path} at {address}\n"
        f"  {len(runbook.incident_types)} incident types, {errors} errors: tocsin check {runbook.path}\n\n"
        f"Sign in as {person} (once, within 24 h):\n  {link}\n\n"
        f"Raise an alert:\n  curl -s {address}/v2/enqueue -H 'Content-Type: application/json' "
        f"-d '{json.dumps(body, ensure_ascii=True)}'\n",
        flush=True,
    )


def _example(runbook: Any) -> str:  # noqa: ANN401  as above
    for entry in runbook.incident_types:
        for symptom in entry.symptoms:
            text: str = symptom.text
            return text.replace("'", "").replace('"', "")
    return "Something is wrong"
