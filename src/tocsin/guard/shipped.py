"""The rule packs that come with the program. They are data of this package, read once, like its code."""

from functools import cache
from importlib.resources import files

from tocsin.guard.pack import Packs, Program, read_pack


@cache
def shipped() -> Packs:
    """Give all programs that the shipped packs know."""
    folder = files("tocsin.guard") / "packs"
    found: dict[str, Program] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            found |= read_pack(file.read_text("utf-8"), file.name).programs
    return Packs(found)
