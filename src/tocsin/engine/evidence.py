"""Evidence: bytes kept as they came, the custody entry of each, and an export that anybody can verify.

The custody entry is a fact of the incident's hash chain: who put in what (SHA-256, size), from where, when. An
export holds the files, the facts with their hashes, a manifest and a program that checks them; that it was handed
out is a fact as well, recorded before anybody gets it.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import IO, NamedTuple

import msgspec

from tocsin.engine.access import Principal
from tocsin.engine.engine import Engine
from tocsin.errors import NotFound, UsageError
from tocsin.incident import wishes as w
from tocsin.incident.chain import Row, instant
from tocsin.incident.facts import StepRan
from tocsin.incident.incident import Incident
from tocsin.incident.progress import Evidence
from tocsin.store.artifacts import artifact, keep

LARGEST = 16 * 1024 * 1024
"""Bytes of one piece. Evidence lies in the store, and the store in every backup."""

LONGEST_NAME = 200
LONGEST_NOTE = 2000
_LONGEST_PATH = 100
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest instant a zip can say: the files carry no times, the manifest does."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Piece(NamedTuple):
    """Something to be kept. `source`: "file", or the id of the step whose output it is."""

    name: str
    body: bytes
    source: str = "file"
    note: str = ""


class Listed(NamedTuple):
    """A file of the manifest. `path` is where it lies in the export, `fact` the hash of its custody entry `seq`."""

    path: str
    name: str
    sha256: str
    size: int
    source: str
    note: str
    added_at: str
    by: str
    seq: int
    fact: str


async def add(engine: Engine, number: str, piece: Piece, principal: Principal) -> Incident:
    """Keep a piece and record who put it in. Raises NotFound, UsageError."""
    if len(piece.body) > LARGEST:
        raise UsageError(f"{piece.name or 'the file'} is larger than {LARGEST // 1024**2} MB; split it")
    if len(piece.note) > LONGEST_NOTE:
        raise UsageError(f"the note is longer than {LONGEST_NOTE} characters; keep it as a file")
    await engine.load(number, principal.viewer)  # nothing is stored for one who may not know of it
    sha = hashlib.sha256(piece.body).hexdigest()
    await engine.store.write(keep(piece.body, sha, engine.clock.now()))
    wish = w.KeepEvidence(
        by=principal.by,
        name=plain(piece.name),
        sha256=sha,
        size=len(piece.body),
        source=piece.source,
        note=piece.note.strip(),
    )
    return await engine.act(number, wish, principal.viewer)


async def add_output(engine: Engine, number: str, step_id: str, note: str, principal: Principal) -> Incident:
    """Keep the output of the latest run of a step of this incident. Raises NotFound, UsageError."""
    loaded = await engine.load(number, principal.viewer)
    runs = [fact.body for fact in loaded.facts if isinstance(fact.body, StepRan) and fact.body.step == step_id]
    if not runs:
        raise NotFound(f"{step_id[:200]} never ran in {number}")
    body = await engine.store.read(artifact(runs[-1].output)) if runs[-1].output else None
    if body is None:
        raise NotFound(f"{runs[-1].title} printed nothing that could be kept")
    name = f"{step_id}.{runs[-1].run}.txt"
    return await add(engine, number, Piece(name, body, step_id, note), principal)


def plain(name: str) -> str:
    """Give a name on one line and of bounded length. Raises UsageError for none."""
    words = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not words:
        raise UsageError("evidence needs a name")
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME // 2]}…{words[1 - LONGEST_NAME // 2 :]}"


# -- handing out


async def export(engine: Engine, number: str, out: IO[bytes], principal: Principal) -> str:
    """Write the export as zip, record that it was handed out, and give the manifest's SHA-256. Raises NotFound."""
    loaded = await engine.load(number, principal.viewer)
    rows, incident = loaded.timeline.rows, loaded.incident
    if incident is None or not incident.progress.evidence:
        raise NotFound(f"{number} has no evidence to hand out")
    listed = tuple(_listed(incident.progress.evidence, rows))
    texts = {
        "timeline.jsonl": b"".join(_fact_line(row) for row in rows),
        "manifest.json": _manifest(incident, listed),
        "verify.py": files("tocsin.engine").joinpath("evidence_check.py").read_bytes(),
    }
    sums = [(one.sha256, one.path) for one in listed]
    sums += [(hashlib.sha256(body).hexdigest(), name) for name, body in texts.items()]
    texts["MANIFEST.sha256"] = "".join(f"{sha}  {path}\n" for sha, path in sums).encode()
    with zipfile.ZipFile(out, "w") as package:
        for one in listed:
            package.writestr(_member(one.path), await _kept(engine, one))
        for name, body in texts.items():
            package.writestr(_member(name), body)
    manifest = hashlib.sha256(texts["MANIFEST.sha256"]).hexdigest()
    wish = w.HandOutEvidence(by=principal.by, files=len(listed), manifest=manifest)
    await engine.act(number, wish, principal.viewer)
    return manifest


def _member(path: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path, _EPOCH)
    member.external_attr = 0o644 << 16  # without it, some programs unpack files that nobody may read
    return member


async def _kept(engine: Engine, one: Listed) -> bytes:
    body = await engine.store.read(artifact(one.sha256))
    if body is None:
        raise NotFound(f"the bytes of {one.name} are no longer in the store")
    return body


def _listed(evidence: Iterable[Evidence], rows: tuple[Row, ...]) -> Iterator[Listed]:
    hashes = {row.seq: row.hash for row in rows}
    entries = tuple(evidence)
    for one, path in zip(entries, paths(entry.body.name for entry in entries), strict=True):
        body = one.body
        yield Listed(
            path=f"files/{path}",
            name=body.name,
            sha256=body.sha256,
            size=body.size,
            source=body.source,
            note=body.note,
            added_at=one.at.isoformat(),
            by=body.by,
            seq=one.seq,
            fact=hashes[one.seq],
        )


def paths(names: Iterable[str]) -> tuple[str, ...]:
    """Give a file name for each name: safe on every system, and no two the same even where case is ignored."""
    taken: set[str] = set()
    found = []
    for name in names:
        path, count = _safe(name), 1
        stem, dot, end = path.rpartition(".")
        while path.casefold() in taken:
            count += 1
            path = f"{stem}-{count}{dot}{end}" if stem else f"{end}-{count}"
        taken.add(path.casefold())
        found.append(path)
    return tuple(found)


def _safe(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    path = re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._-")
    path = path if len(path) <= _LONGEST_PATH else f"{path[: _LONGEST_PATH // 2]}_{path[-_LONGEST_PATH // 2 :]}"
    return f"file_{path}" if not path or _RESERVED.match(path) else path


def _fact_line(row: Row) -> bytes:
    """Give a fact with everything its hash is made of; `payload` is the text that was hashed, to the byte."""
    shown = {
        "seq": row.seq,
        "at": row.at,
        "time": instant(row.at).isoformat(),
        "kind": row.kind,
        "payload": row.payload.decode() if row.payload is not None else None,
        "salt": row.salt.hex() if row.salt is not None else None,
        "digest": row.digest,
        "prev": row.prev,
        "hash": row.hash,
    }
    return msgspec.json.encode(shown) + b"\n"


def _manifest(incident: Incident, listed: tuple[Listed, ...]) -> bytes:
    shown = {
        "incident": incident.number,
        "title": incident.title,
        "opened_at": incident.opened_at.isoformat(),
        "head": incident.hash,
        "facts": incident.seq,
        "files": [one._asdict() for one in listed],
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2) + b"\n"
