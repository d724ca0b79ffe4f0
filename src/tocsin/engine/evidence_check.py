"""Check the folder this file lies in: `python3 verify.py`. Needs nothing but Python's standard library."""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def sha256(data: bytes) -> str:
    """Give the SHA-256 of bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def wrong_files() -> list[str]:
    """Give what is wrong with the files that MANIFEST.sha256 lists, and those it does not list."""
    lines = (HERE / "MANIFEST.sha256").read_text(errors="replace").splitlines()
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(HERE).as_posix(): path for path in HERE.rglob("*") if path.is_file()}
    there.pop("MANIFEST.sha256")
    found = [f"{name} is not listed" for name in sorted(there.keys() - wanted.keys())]
    found += [f"{name} is missing" for name in sorted(wanted.keys() - there.keys())]
    same = sorted(wanted.keys() & there.keys())
    return found + [f"{name} was changed" for name in same if sha256(there[name].read_bytes()) != wanted[name]]


def wrong_facts() -> list[str]:
    """Give what is wrong with the chain of facts, and where the manifest says something else than they do."""
    manifest = json.loads((HERE / "manifest.json").read_bytes())
    found, prev, custody = [], "0" * 64, {}
    for line in (HERE / "timeline.jsonl").read_bytes().splitlines():
        fact = json.loads(line)
        if fact["payload"] is not None:
            custody[fact["hash"]] = json.loads(fact["payload"])
            if sha256(bytes.fromhex(fact["salt"]) + fact["payload"].encode()) != fact["digest"]:
                found.append(f"the content of fact {fact['seq']} was changed")
        linked = "\n".join([prev, str(fact["seq"]), str(fact["at"]), fact["kind"], fact["digest"]])
        if fact["prev"] != prev or sha256(linked.encode()) != fact["hash"]:
            found.append(f"fact {fact['seq']} is not linked to the one before")
        prev = fact["hash"]
    if prev != manifest["head"]:
        found.append("the last fact is not the head that the manifest names")
    for file in manifest["files"]:
        if custody.get(file["fact"], {}).get("sha256") != file["sha256"]:
            found.append(f"fact {file['seq']} does not record {file['path']}")
        if sha256((HERE / file["path"]).read_bytes()) != file["sha256"]:
            found.append(f"{file['path']} is not the file that was recorded")
    return found


def main() -> int:
    """Print what is wrong, or that nothing is; give 0 only for the latter."""
    found = wrong_files() or wrong_facts()
    told = sha256((HERE / "MANIFEST.sha256").read_bytes())
    sys.stdout.write("".join(f"WRONG: {text}\n" for text in found) or f"Everything is as recorded. Manifest: {told}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
