"""The documents keep their promises: everything there is is written down, and everything written down is there."""

import argparse
import importlib.util
import inspect
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from starlette.routing import Route

from tocsin.assembly import Tocsin
from tocsin.channels.table import OPTIONS
from tocsin.cli.main import COMMANDS, build_parser
from tocsin.configuration import LATER, read_settings
from tocsin.configuration.probes import OPERATORS
from tocsin.incident.facts import FactBody
from tocsin.incident.jobs import Doing
from tocsin.probes.table import KINDS, OFFERS
from tocsin.runbook.annotations import KNOWN
from tocsin.runbook.rules import RULES
from tocsin.settings import (
    BusinessHours,
    CheckSettings,
    Database,
    DrillSettings,
    Expect,
    Host,
    IncidentTypeSettings,
    Layer,
    MetricSettings,
    Person,
    ProbeSettings,
    Quiet,
    ReachStep,
    Schedule,
    Secret,
    Settings,
    SourceSettings,
)
from tocsin.web.app import application

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
RULE_PAGES = ROOT / "docs" / "rules"
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "script/**/*.md", "src/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
    if not {"cases", "node_modules"} & set(path.parts)
)
ELSEWHERE = {"public_url": "url", "store_url": "url"}
TABLES: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "## `[business_hours]`": (BusinessHours,),
    "## `[people.ID]`": (Person, ReachStep, Quiet),
    "## `[schedules.ID]`": (Schedule, Layer),
    "## `[channels.ID]`": tuple(OPTIONS.values()),
    "## `[sources.ID]`": (SourceSettings,),
    "## `[incident_types.ID]`": (IncidentTypeSettings,),
    "## `[metrics.NAME]`": (MetricSettings,),
    "## `[drills.ID]`": (DrillSettings, Expect),
    "## `[probes.ID]`": (ProbeSettings,),
    "## Secrets": (Secret,),
}
IN_TABLES_OF_THEIR_OWN = {
    "public_url": "## `[server]`",
    "trusted_proxies": "## `[server]`",
    "intake_processes": "## `[server]`",
    "store_url": "## `[store]`",
    "max_rounds": "## `[escalation]`",
    "reopen_within": "## `[escalation]`",
    "group_within": "## `[escalation]`",
    "flapping_after": "## `[escalation]`",
    "flapping_within": "## `[escalation]`",
    "max_reopenings": "## `[escalation]`",
    "programs": "## `[guard]`",
}
NO_KEYS = {"id"}


def part(text: str, heading: str) -> str:
    """Give what stands under a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading}"
    return found[1]


def first_cells(text: str) -> list[str]:
    """Give what stands in code in the first cell of each row of each table."""
    return re.findall(r"^\| `([^`|]+)` \|", text, re.MULTILINE)


def names(kind: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.name not in NO_KEYS]


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """Give the parser of every command."""
    [action] = [a for a in build_parser([])._actions if isinstance(a, argparse._SubParsersAction)]
    return cast("dict[str, argparse.ArgumentParser]", action.choices)


def routes() -> set[str]:
    """Give every route of the application as `GET /health`."""
    app = application(cast("Tocsin", None))
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }


# -- commands


def test_every_command_has_its_place_in_the_reference() -> None:
    headings = re.findall(r"^### `tocsin ([\w-]+)`$", (REFERENCE / "commands.md").read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS) == sorted(subcommands())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_of_a_command_is_named_where_the_command_is(command: str) -> None:
    text = part((REFERENCE / "commands.md").read_text(), f"### `tocsin {command}`")
    options = {option for action in subcommands()[command]._actions for option in action.option_strings}
    assert {option for option in options - {"-h", "--help"} if option not in text} == set()
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", text)) <= options


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_argument_of_a_command_is_in_its_first_line(command: str) -> None:
    text = part((REFERENCE / "commands.md").read_text(), f"### `tocsin {command}`")
    usage = text.strip().splitlines()[0]
    arguments = [str(action.metavar) for action in subcommands()[command]._actions if not action.option_strings]
    assert [argument for argument in arguments if argument not in usage] == []


# -- HTTP


def test_every_route_is_documented_and_every_documented_route_is_there() -> None:
    cells = first_cells((REFERENCE / "http.md").read_text())
    documented = [cell for cell in cells if re.match(r"[A-Z]+ /", cell)]
    assert sorted(documented) == sorted(routes())


# -- configuration


@pytest.mark.parametrize("heading", sorted(TABLES))
def test_every_key_of_a_table_is_documented_and_every_documented_key_is_one(heading: str) -> None:
    cells = first_cells(part((REFERENCE / "configuration.md").read_text(), heading))
    keys = {name for kind in TABLES[heading] for name in names(kind)}
    keys -= {"options"}
    keys |= {"kind", "rate", "burst", "bundle", "cards"} if heading == "## `[channels.ID]`" else set()
    assert set(cells) == keys


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_key_and_value_of_a_kind_of_probe_is_documented(kind: str) -> None:
    text = part((REFERENCE / "probes.md").read_text(), f"## `{kind}`")
    documented = {}
    for what in ("Key", "Value"):
        found = re.search(rf"^\| {what} of `{kind}` .*$(?:\n\|.*$)*", text, re.MULTILINE)
        documented[what] = set(first_cells(found[0]) if found else ())
    assert documented == {"Key": set(names(KINDS[kind].options)), "Value": set(KINDS[kind].values)}


def test_every_key_of_a_check_is_documented() -> None:
    cells = re.findall(r"^\| (`.+?`) \|", part(
        (REFERENCE / "configuration.md").read_text(), "## `[probes.ID.checks.ID]`"), re.MULTILINE)  # fmt: skip
    documented = {name.strip("` ") for cell in cells for name in cell.split(",")}
    of_struct = {"for" if name == "for_" else name for name in names(CheckSettings)} - {"op", "limit"}
    assert documented == of_struct | set(OPERATORS)


FROM_TARGETS = {"hosts", "databases", "default_targets", "drill_environment"}
"""What stands under [targets] beside this machine, or [drills], by the names that the settings have for it."""


@pytest.mark.parametrize(
    ("kind", "heading"),
    [(Host, '### `[targets.NAME]` with `kind = "ssh"`'), (Database, '### `[targets.NAME]` with `kind = "sql"`')],
)
def test_every_key_of_a_target_is_documented(kind: type, heading: str) -> None:
    text = part((REFERENCE / "configuration.md").read_text(), heading)
    cells = {name.strip("` ") for cell in first_cells(text) for name in cell.split(",")}
    assert {"address" if name == "host" else name for name in cells} == set(names(kind))


def test_every_key_outside_the_named_tables_is_documented_and_every_documented_key_is_one() -> None:
    text = (REFERENCE / "configuration.md").read_text()
    tables = {name for name in names(Settings) if f"[{name}" in text and name not in IN_TABLES_OF_THEIR_OWN}
    apart = tables | IN_TABLES_OF_THEIR_OWN.keys() | FROM_TARGETS
    expected: dict[str, set[str]] = {"## Top level": set(names(Settings)) - apart}
    for name, heading in IN_TABLES_OF_THEIR_OWN.items():
        expected.setdefault(heading, set()).add("url" if name == "store_url" else name)
    documented = {heading: set(first_cells(part(text, heading))) for heading in expected}
    assert documented == expected
    assert {name for name in tables if f"## `[{name}" not in text} == set()


def test_what_the_configuration_refuses_for_now_is_named() -> None:
    text = part((REFERENCE / "configuration.md").read_text(), "## Not supported yet")
    assert [name for name in LATER if f"`[{name}]`" not in text] == []


@pytest.mark.parametrize(
    ("heading", "key", "value"),
    [
        ("## `[escalation]`", "max_rounds", Settings().max_rounds),
        ("## `[escalation]`", "reopen_within", Settings().reopen_within),
        ("## `[escalation]`", "max_reopenings", Settings().max_reopenings),
        ("## `[escalation]`", "group_within", Settings().group_within),
        ("## `[escalation]`", "flapping_after", Settings().flapping_after),
        ("## `[escalation]`", "flapping_within", Settings().flapping_within),
        ("## `[business_hours]`", "opens", f"{BusinessHours().opens:%H:%M}"),
        ("## `[business_hours]`", "closes", f"{BusinessHours().closes:%H:%M}"),
        ("## `[people.ID]`", "wait", ReachStep(via=()).wait),
        ("## `[schedules.ID]`", "rotation", Layer(people=(), start=cast("Any", None)).rotation),
        ("## Top level", "timezone", Settings().timezone),
    ],
)
def test_a_documented_default_is_the_default(heading: str, key: str, value: object) -> None:
    text = part((REFERENCE / "configuration.md").read_text(), heading)
    [row] = [line for line in text.splitlines() if line.startswith(f"| `{key}` |")]
    default = row.split("|")[3].strip().strip("`")
    assert msgspec.convert(default, type(value), strict=False) == value


# -- facts, jobs, findings


def rows(heading: str) -> dict[str, str]:
    """Give the rows of a table in facts-and-jobs.md by the word in code that leads them."""
    text = part((REFERENCE / "facts-and-jobs.md").read_text(), heading)
    lines = [line for line in text.splitlines() if re.match(r"\| `\w+` \|", line)]
    return {line.split("`")[1]: line for line in lines}


def test_every_fact_kind_is_documented_with_its_fields() -> None:
    kinds: tuple[type[msgspec.Struct], ...] = FactBody.__args__
    written = rows("## Facts")
    assert list(written) == [kind.__name__ for kind in kinds]
    for kind in kinds:
        missing = [name for name in names(kind) if name != "by" and f"`{name}`" not in written[kind.__name__]]
        assert missing == [], kind.__name__


def test_every_job_is_documented_with_its_fields() -> None:
    kinds: tuple[type[msgspec.Struct], ...] = Doing.__args__
    written = rows("## Jobs")
    assert sorted(written) == sorted(kind.__name__ for kind in kinds)
    for kind in kinds:
        assert [name for name in names(kind) if f"`{name}`" not in written[kind.__name__]] == [], kind.__name__


def test_every_finding_is_in_the_list_with_its_level() -> None:
    rows = re.findall(
        r"^\| \[(RB\d+)\]\((RB\d+)\.md\) \| (\w+) \| (.+) \|$", (RULE_PAGES / "index.md").read_text(), re.MULTILINE
    )
    assert rows == [(code, code, rule.level, rule.name) for code, rule in sorted(RULES.items())]


def test_every_annotation_is_documented_with_its_keys() -> None:
    text = part((REFERENCE / "findings.md").read_text(), "## Annotation keys")
    for name, keys in KNOWN.items():
        [row] = [line for line in text.splitlines() if line.startswith(f"| `<!-- tocsin:{name} ")]
        assert sorted(key for key in keys if f"`{key}`" not in row) == []


# -- links and manners


def prose(text: str) -> str:
    """Give a document without what stands in code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def links(text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^()\s]+)\)", prose(text)):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """Give the anchors of a document's headings, as they are made where documents are shown."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document: Path) -> Iterator[str]:
    for link in links(document.read_text()):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            yield link


def relative(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("name", relative(DOCUMENTS))
def test_every_link_leads_somewhere(name: str) -> None:
    assert list(broken(ROOT / name)) == []


@pytest.mark.parametrize("name", relative(DOCUMENTS))
def test_no_document_names_a_place_on_the_machine_it_was_written_on(name: str) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|root|home|Users)/\S*", (ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", relative(DOCUMENTS))
def test_no_document_names_the_number_of_an_issue(name: str) -> None:
    assert re.findall(r"(?<!\w)#\d+\b", prose((ROOT / name).read_text())) == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document not in seen and document.suffix == ".md":
            seen.add(document)
            found = (link.partition("#")[0] for link in links(document.read_text()))
            waiting += [(document.parent / path).resolve() for path in found if path]
    ours = {path for path in DOCUMENTS if (ROOT / "docs") in path.parents or path.parent == ROOT}
    assert relative(sorted(ours - seen)) == []


def test_every_decision_says_its_context_options_decision_and_cost() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert len(numbers) == len(set(numbers)), "a number is given once"
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    for path in decisions:
        text = path.read_text()
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Cost"], path.name
        assert re.search(r"^Status: ", text, re.MULTILINE), path.name


# -- examples


def fences(language: str) -> list[tuple[str, str]]:
    """Give every fence of a language in the documents, each with its document's name."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(path.name, body) for path in DOCUMENTS for body in pattern.findall(path.read_text())]


@pytest.mark.parametrize(("name", "body"), fences("toml"))
def test_every_configuration_in_a_document_is_accepted(name: str, body: str) -> None:
    assert read_settings(body, OPTIONS, OFFERS), name


@pytest.mark.parametrize(("name", "body"), fences("json"))
def test_every_json_in_a_document_is_json(name: str, body: str) -> None:
    assert msgspec.json.decode(body), name


async def test_the_rehearsal_in_the_how_to_is_played_as_it_stands_there(tmp_path: Path) -> None:
    [(_, body)] = [one for one in fences("python") if one[0] == "rehearse-in-tests.md"]
    example = ROOT / "examples" / "sequencer"
    shutil.copy(example / "RUNBOOK.md", tmp_path)
    shutil.copy(example / "demo.toml", tmp_path / "tocsin.toml")
    file = tmp_path / "test_our_runbook.py"
    file.write_text(body)
    spec = importlib.util.spec_from_file_location("test_our_runbook", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stories = [value for name, value in inspect.getmembers(module, inspect.isfunction) if name.startswith("test_")]
    assert len(stories) == 2
    for story in stories:
        await story()


def test_the_layers_on_the_architecture_page_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [checked] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    [(_, drawn)] = [one for one in fences("text") if one[0] == "ARCHITECTURE.md"]
    assert [layer.strip() for layer in " ".join(drawn.split()).split(">")] == checked


def test_every_file_on_the_architecture_page_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"`((?:[a-z_]+/)*[a-z_]+(?:/|\.py|\.sql|\.toml|\.md))`", text)
    missing = [name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "src" / "tocsin"))]
    assert named
    assert {*missing} == {"tocsin.toml"}


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_every_picture_is_small_shown_and_described() -> None:
    pictures = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in ROOT.glob("docs/pictures/*")}
    assert all(size < 150_000 for size in pictures.values())
    shown = dict(re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text()))
    assert {*shown.values()} == {*pictures}
    assert all(len(words) > 80 for words in shown)
