"""Take the pictures that README and documents show: each is a phone and a desk side by side, or one of them."""

import asyncio
import base64
import os
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from playwright.async_api import Browser, async_playwright  # noqa: E402

from browser.conftest import DESK, FLAGS, PHONE, chromium  # noqa: E402 - the stage of the tests
from browser.every_page import Everything, every_page  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000

TOOLS = {
    "pm2": 'if [ "$1" = status ]; then\n'
    "echo '│ id │ name      │ version │ uptime │ ↺  │ status  │'\n"
    "echo '│ 1  │ rates     │ 1.1.0   │ 9D     │ 0  │ online  │'\n"
    "echo '│ 0  │ sequencer │ 1.1.0   │ 0      │ 15 │ errored │'\nelse\n"
    'for n in 1 2 3; do echo "0|sequence | 2026-11-30T02:08:4${n}Z 192.0.2.$n POST /api/v1/intents 201 0.012s"; done\n'
    "echo '0|sequence | FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'\nfi",
    "ss": "echo 'State  Recv-Q Send-Q Local Address:Port Peer Address:Port'",
    "psql": "echo ' ?column? '; echo '----------'; echo '        1'; echo '(1 row)'",
}
"""What the example's machine would answer."""


class Picture(NamedTuple):
    """What a picture shows: a page on a desk, a page on a phone; "" for none. `at` is an element to scroll to."""

    desk: str
    phone: str
    at: str = ""


ALL = {
    "incident": Picture("incident", "incident"),
    "home": Picture("home", "home"),
    "runbook": Picture("runbook", "runbook", at=".find.error"),
    "status": Picture("status", "status"),
    "review": Picture("review", "review"),
}
WIDE = {**DESK, "viewport": {"width": 1180, "height": 760}}
TALL = {**PHONE, "viewport": {"width": 390, "height": 760}}
PALETTE = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer), count = new Map();
  for (const pixel of pixels) count.set(pixel, (count.get(pixel) || 0) + 1);
  const often = [...count].sort((a, b) => b[1] - a[1]).map(([colour]) => colour), kept = [];
  const far = (a, b) => [0, 8, 16].reduce((sum, s) => sum + (((a >> s) & 255) - ((b >> s) & 255)) ** 2, 0);
  for (const least of [400, 60, 0])
    for (const colour of often)
      if (kept.length < 256 && kept.every((other) => far(colour, other) > least)) kept.push(colour);
  const place = new Map();
  for (const colour of count.keys())
    place.set(colour, kept.reduce((best, other, n) => (far(colour, other) < far(colour, kept[best]) ? n : best), 0));
  const text = Array.from(pixels, (pixel) => String.fromCharCode(place.get(pixel))).join("");
  return { width: image.width, height: image.height, kept, pixels: btoa(text) };
}"""
"""The 256 colours a picture has most of, unlike ones first, and each pixel as the nearest of them."""
SHEET = """<body style="margin:0;padding:16px;display:flex;gap:16px;background:#dfe5e7;width:max-content">{}</body>"""
FRAME = '<img src="data:image/png;base64,{}" style="border-radius:8px;display:block">'


def main(names: list[str]) -> int:
    """Take the pictures named, or all; 1 when one grew too large, 2 for a name there is none of."""
    unknown = [name for name in names if name not in ALL]
    if unknown or chromium() is None:
        print(f"no picture {unknown[0]}; there are {', '.join(ALL)}" if unknown else "needs Chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for name, text in TOOLS.items():
            tool = Path(folder) / name
            tool.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
            tool.chmod(0o755)
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        made = asyncio.run(_take(names or list(ALL)))
    for name, picture in made.items():
        (PICTURES / f"{name}.png").write_bytes(picture)
        print(f"{name}.png {len(picture) // 1000} KB")
    return int(any(len(picture) >= LARGEST for picture in made.values()))


async def _take(names: list[str]) -> dict[str, bytes]:
    made = {}
    async with every_page() as everything, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in names:
            picture = ALL[name]
            frames = []
            if picture.phone:
                frames.append(FRAME.format(await _look(browser, everything, picture.phone, picture.at, TALL)))
            if picture.desk:
                frames.append(FRAME.format(await _look(browser, everything, picture.desk, picture.at, WIDE)))
            made[name] = await _compose(browser, frames)
        await browser.close()
    return made


async def _look(browser: Browser, everything: Everything, page_name: str, at: str, device: dict[str, Any]) -> str:
    person, path = everything.paths[page_name]
    context = await browser.new_context(**{**device, "device_scale_factor": 1})
    await everything.sign_in(context, person)
    page = await context.new_page()
    await page.goto(everything.url + path)
    await page.wait_for_timeout(300)
    if at:
        await page.evaluate("at => document.querySelector(at).scrollIntoView({ block: 'center' })", at)
    shot = await page.screenshot()
    await context.close()
    return base64.b64encode(shot).decode()


async def _compose(browser: Browser, frames: list[str]) -> bytes:
    page = await browser.new_page()
    await page.set_content(SHEET.format("".join(frames)))
    shot = await page.locator("body").screenshot()
    made = await page.evaluate(PALETTE, base64.b64encode(shot).decode())
    await page.close()
    width, pixels = made["width"], base64.b64decode(made["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    colours = b"".join(struct.pack("<I", colour)[:3] for colour in made["kept"])
    head = struct.pack(">IIBBBBB", width, made["height"], 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
