"""The server Tocsin is built on with nothing behind it: what `script/bench ingest` calls the floor.

It reads a body and answers as Tocsin would: no key is looked up, nothing is decoded, nothing is stored.
"""

import sys
from typing import Any

import uvicorn

from tocsin.web.server import Server, bind

SAID = b'{"status":"success","message":"Event processed","dedup_key":"nr-0000000000"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(SAID)).encode())]


async def taken(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401  as ASGI
    """Answer 202 to whatever came."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 202, "headers": HEADERS})
    await send({"type": "http.response.body", "body": SAID})


if __name__ == "__main__":
    config = uvicorn.Config(taken, log_config=None, access_log=False, server_header=False, date_header=False)
    Server(config).run([bind("127.0.0.1", int(sys.argv[1]))])
