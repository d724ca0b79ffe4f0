"""Reading a form that carries a file (multipart/form-data), whole and bounded, bytes as they came.

Parts are cut by hand, so that nothing touches the bytes of a file; their headers are left to the standard library.
Source: RFC 7578, and the form encoding of the HTML standard for names.
"""

from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from typing import NamedTuple, cast

from starlette.requests import Request

from tocsin.errors import UsageError

_ROOM = 64 * 1024
"""Bytes that everything around the file may take."""

_PARTS = 40
_LONGEST_HEADER = 8 * 1024
_UNREADABLE = UsageError("the form could not be read; send it again from the page")


class Upload(NamedTuple):
    """A file of a form."""

    name: str
    body: bytes


class Sent(NamedTuple):
    """What a form sent; of a field sent twice the last. A file field left empty is not among `files`."""

    fields: dict[str, str]
    files: dict[str, Upload]


async def sent(request: Request, largest: int) -> Sent:
    """Give fields and files of a form whose files have at most so many bytes together. Raises UsageError."""
    kind = request.headers.get("content-type", "")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest + _ROOM:
            raise UsageError(f"the file is larger than {largest // 1024**2} MB; split it")
        chunks.append(chunk)
    return parse(kind, b"".join(chunks))


def parse(kind: str, body: bytes) -> Sent:
    """Give what a body of that Content-Type holds. Raises UsageError for anything else than a whole form."""
    boundary = _boundary(kind)
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for head, content in _parts(body, boundary):
        header = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        name = _parameter(header.get_param("name", header="content-disposition"))
        filename = _parameter(header.get_param("filename", header="content-disposition"))
        if header.get_content_disposition() != "form-data" or name is None:
            raise _UNREADABLE
        if filename is None:
            fields[name] = content.decode("utf-8", "replace").strip()
        elif filename or content:
            files[name] = Upload(filename, content)
    return Sent(fields, files)


def _boundary(kind: str) -> bytes:
    try:
        header = HeaderParser().parsestr(f"Content-Type: {kind}\n")
        boundary = _parameter(header.get_param("boundary")) or ""
        if header.get_content_type() != "multipart/form-data" or not 1 <= len(boundary) <= 200:  # noqa: PLR2004
            raise UsageError("send this as a form")
        return boundary.encode("ascii")
    except ValueError as error:
        raise UsageError("send this as a form") from error


def _parts(body: bytes, boundary: bytes) -> list[tuple[bytes, bytes]]:
    line = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(line, _PARTS + 2)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004  what stands before the first, and the end
        raise _UNREADABLE
    parts = []
    for piece in pieces[1:-1]:
        head, found, content = piece.partition(b"\r\n\r\n")
        if not found or not head.startswith(b"\r\n") or len(head) > _LONGEST_HEADER:
            raise _UNREADABLE
        parts.append((head[2:], content))
    return parts


def _parameter(value: object) -> str | None:
    """Give a parameter as browsers mean it: they write quotes and line ends in names as %22, %0D and %0A."""
    if value is None:
        return None
    text = collapse_rfc2231_value(cast("str | tuple[str | None, str | None, str]", value))
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
