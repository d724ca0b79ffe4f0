"""`fakes`: another service, as far as Tocsin speaks to it, to try things with by hand."""

import argparse
import asyncio

from tocsin.errors import UsageError

NAMES = ("slack", "pagerduty", "twilio", "smtp", "statuspage", "cloudflare")
"""Those of `drill/fakes/table.py`, said here again because `--help` must not wait for web servers."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `fakes`."""
    fakes = subparsers.add_parser("fakes", help="serve a stand-in for another service, to try channels with")
    fakes.add_argument("name", metavar="NAME", choices=NAMES, help=", ".join(NAMES))
    fakes.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: only this machine")
    fakes.add_argument("--port", type=int, default=0, help="default 0: a free one")
    fakes.add_argument(
        "--mode", default="normal", metavar="M", help="how it behaves: normal, slow, refusing, lying, ..."
    )
    fakes.set_defaults(run=run_fakes)


def run_fakes(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    try:
        asyncio.run(_serve(args.name, args.host, args.port, args.mode))
    except OSError as error:
        raise UsageError(f"cannot listen on {args.host}:{args.port}: {error}; choose another with --port") from error
    return 0


async def _serve(name: str, host: str, port: int, mode: str) -> None:
    from tocsin.drill.fakes.table import fake  # noqa: PLC0415  brings a web server

    service = fake(name)
    if mode not in service.modes:
        raise UsageError(f"a fake {name} cannot be {mode!r}; it can be {', '.join(service.modes)}")
    service.behave(mode)
    async with service.serving(port, host=host) as address:
        print(f"A fake {name} listens at {address}\n{service.about}\nEnd it with Ctrl-C.", flush=True)
        await asyncio.Event().wait()
