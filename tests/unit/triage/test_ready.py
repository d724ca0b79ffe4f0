"""What is built before an alert comes is all that any alert needs built."""

import json
import subprocess
import sys

from conftest import ROOT
from tocsin.triage.topics import TOPICS
from tocsin.triage.words import stems_of_each, words

EVERY = 7
"""Of the alerts that were learned from, one in so many is enough to need everything."""

ASKED = r"""
import json, pkgutil, re._compiler, sys, traceback
from importlib import import_module
from pathlib import Path

import tocsin.triage
from tocsin.detection.alert import Alert
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings
from tocsin.triage import alike, profile, ready
from tocsin.triage.assessing import assess

root, every = Path(sys.argv[1]), int(sys.argv[2])
settings, runbook = Settings(), read_runbook((root / "training" / "RUNBOOK.md").read_bytes(), "RUNBOOK.md")
modules = [
    import_module(one.name) for one in pkgutil.walk_packages(tocsin.triage.__path__, "tocsin.triage.")
]
built_once = {
    f"{module.__name__}.{name}": one
    for module in modules
    for name, one in vars(module).items()
    if hasattr(one, "cache_info") and one.cache_info().maxsize in (1, None)
}

built_once |= {"of a document: index": profile._remembered, "of a document: names": alike._known_names}

def built():
    return {name: one.cache_info().misses for name, one in built_once.items()}

compiled = []
compiling = re._compiler.compile

def seen(pattern, flags=0):
    # What is made of the names in an alert itself cannot be made before.
    if not any(frame.name == "told" and frame.filename.endswith("alike.py") for frame in traceback.extract_stack()):
        compiled.append(pattern)
    return compiling(pattern, flags)

re._compiler.compile = seen
if "--unready" not in sys.argv:
    ready.build(runbook, settings)
    ready.compile_patterns()
before = built()
compiled.clear()
lines = (root / "training" / "alerts.jsonl").read_text().splitlines()[::every]
for number, line in enumerate([*lines, '{"summary": "サイトが開けません。データベースが遅い"}']):
    said = json.loads(line)
    details = {key: str(value) for key, value in said.get("details", {}).items()}
    alert = Alert(source="x", dedup_key=str(number), action="trigger", summary=said["summary"], details=details)
    assess(alert, runbook, settings)
print(json.dumps([len(lines), compiled, sorted(name for name, times in built().items() if times != before[name])]))
"""


def asked(*more: str) -> tuple[int, list[str], list[str]]:
    """In a process of its own, where nobody used anything before: how many alerts, what they compiled, and built."""
    command = [sys.executable, "-c", ASKED, str(ROOT), str(EVERY), *more]
    alerts, compiled, built = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return alerts, compiled, built


def test_once_everything_is_built_no_alert_compiles_or_builds_anything() -> None:
    alerts, compiled, built = asked()
    assert alerts > 500
    assert not compiled
    assert not built


def test_phrases_that_are_read_at_once_are_read_as_each_by_itself() -> None:
    phrases = [one.strip() for topic in TOPICS for text in (topic.strong, topic.weak) for one in text.split("|")]
    assert stems_of_each(phrases) == [tuple(word.stem for word in words(phrase)) for phrase in phrases]
    assert stems_of_each([]) == []


def test_what_is_not_built_before_is_built_by_alerts() -> None:
    _, compiled, built = asked("--unready")
    assert len(compiled) > 100
    assert {"tocsin.triage.topics._lexicon", "tocsin.triage.learned.likeness.shipped"} <= {*built}
