"""Reading what a form sends."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from tocsin.errors import UsageError

_LARGEST = 64 * 1024
_FIELDS = 40


async def form(request: Request, most: int = _LARGEST) -> dict[str, str]:
    """Give the fields of a form, spaces at their ends removed; of a field sent twice the last. Raises UsageError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _body(request, most)
    if body and kind != "application/x-www-form-urlencoded":
        raise UsageError("send this as a form")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as error:
        raise UsageError("the form could not be read: it is not UTF-8, or it has too many fields") from error
    return {name: value.strip() for name, value in pairs}


async def _body(request: Request, most: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise UsageError(f"the form is larger than {most // 1024} KB; write less")
        chunks.append(chunk)
    return b"".join(chunks)
