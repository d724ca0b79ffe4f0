"""Whether the addresses in a document answer: each asked once, with limits, and no redirection followed."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.references import Reference

LIMIT = 5.0
"""Seconds for one address."""
AT_ONCE = 8
_GONE = (404, 410)
_BROKEN = 500
_ADDRESS = re.compile(r"https?://[^\s'\"<>|)`,;]+")


async def silent_addresses(runbook: Runbook, needed: Iterable[Reference]) -> list[Finding]:
    """Give RB132 for each address of a command or a contact that does not answer, or says that nothing is there."""
    wanted = dict(_addresses(runbook, needed))
    places = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Timeout(LIMIT)
    async with httpx.AsyncClient(timeout=limits, follow_redirects=False, headers={"user-agent": "tocsin-check"}) as web:

        async def ask(address: str, line: int) -> Finding | None:
            async with places:
                trouble = await _trouble(web, address)
            return None if trouble is None else Finding(
                code="RB132", level="warning", line=line, message=f"{address} {trouble}",
            )  # fmt: skip

        answers = await asyncio.gather(*(ask(address, line) for address, line in wanted.items()))
    return [one for one in answers if one is not None]


def _addresses(runbook: Runbook, needed: Iterable[Reference]) -> Iterator[tuple[str, int]]:
    found: dict[str, int] = {}
    for one in needed:
        if one.kind == "address":
            found.setdefault(one.name, one.line)
    for contact in runbook.contacts:
        for address in _ADDRESS.findall(contact.value):
            found.setdefault(address.rstrip("."), contact.line)
    yield from found.items()


async def _trouble(web: httpx.AsyncClient, address: str) -> str | None:
    """Give what is wrong with an address; an answer that asks for credentials or another method is an answer."""
    if _is_link_local(address):
        # Where clouds answer with credentials: nobody's runbook is a reason to ask there.
        return "is an address that is never asked"
    try:
        async with asyncio.timeout(LIMIT), web.stream("GET", address) as answer:
            status = answer.status_code
    except TimeoutError:
        return f"does not answer within {LIMIT:g} s"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"does not answer: {_reason(error)}"
    if status in _GONE:
        return f"answers {status}: nothing is there"
    return f"answers {status}" if status >= _BROKEN else None


def _is_link_local(address: str) -> bool:
    try:
        return ip_address(urlsplit(address).hostname or "").is_link_local
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"nothing within {LIMIT:g} s"
    text = " ".join(str(error).split())
    return re.sub(r"^\[Errno -?\d+\]\s*", "", text) or type(error).__name__
