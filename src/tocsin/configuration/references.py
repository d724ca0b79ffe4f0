"""Names in the configuration that must name something in it."""

from collections.abc import Collection, Sequence

from tocsin.configuration.lines import Lines, Path
from tocsin.configuration.sources import PROBER
from tocsin.configuration.table import did_you_mean
from tocsin.errors import SettingsInvalid
from tocsin.settings import LOCAL, Condition, Schedule, Settings


def check_references(settings: Settings, lines: Lines) -> None:
    """Raise SettingsInvalid at the first name that names nobody and nothing."""
    people, channels = settings.people, {*settings.channels, "console"}
    for both in settings.people.keys() & settings.schedules.keys():
        reason = f"[schedules.{both}] has the name of a person, so a role could mean either; rename one"
        raise SettingsInvalid(reason, lines.of(("schedules", both)))
    for person in people.values():
        for place, step in enumerate(person.reach):
            path: Path = ("people", person.id, "reach", place, "via")
            _known(step.via, channels, "channel", path, lines)
    for role, members in settings.roles.items():
        _known(members, {*people, *settings.schedules}, "person or schedule", ("roles", role), lines)
    for schedule in settings.schedules.values():
        for layer_path, members in _layers(schedule, lines):
            _known(members, people, "person", (*layer_path, "people"), lines)
    if settings.unmatched.to and settings.roles:
        _known((settings.unmatched.to,), settings.roles, "role", ("unmatched", "to"), lines)
    probers = [name for name, source in settings.sources.items() if source.kind == PROBER]
    for name, probe in settings.probes.items():
        if probe.at and probe.at not in probers:
            reason = f"probes.{name}.at names {probe.at!r}, but there is no such source of kind {PROBER!r}"
            raise SettingsInvalid(f"{reason}{did_you_mean(probe.at, probers)}", lines.of(("probes", name, "at")))
    _known(settings.fallback, people, "person", ("fallback",), lines)
    places = {LOCAL, *settings.hosts, *settings.databases}
    _known(settings.default_targets, places, "target", ("targets", "default"), lines)
    _one_of_each(settings.default_targets, ("targets", "default"), settings, lines)
    for name, entry in settings.incident_types.items():
        path = ("incident_types", name, "targets")
        _known(entry.targets, places, "target", path, lines)
        _one_of_each(entry.targets, path, settings, lines)
        if name in entry.depends_on:
            at = ("incident_types", name, "depends_on")
            raise SettingsInvalid(f"{'.'.join(at)} names itself; name the entries it depends on", lines.of(at))
        _conditions(entry.resolved_when, ("incident_types", name, "resolved_when"), settings, lines)


def _conditions(conditions: Sequence[Condition], path: Path, settings: Settings, lines: Lines) -> None:
    """Refuse an end that is measured by a probe or a check which is not there."""
    for one in conditions:
        _known((one.probe,), settings.probes, "probe", path, lines)
        checks = [check.id for check in settings.probes[one.probe].checks]
        if one.check is None and not checks:
            where = ".".join(str(part) for part in path)
            raise SettingsInvalid(f"{where} names the probe {one.probe}, which has no checks; give it one",
                                  lines.of(path))  # fmt: skip
        _known((one.check,) if one.check else (), checks, f"check of {one.probe}", path, lines)


def _one_of_each(names: Sequence[str], path: Path, settings: Settings, lines: Lines) -> None:
    """Refuse two places for commands, or two for SQL."""
    for kind, known in (("a command runs", {LOCAL, *settings.hosts}), ("SQL is asked", settings.databases)):
        found = [name for name in names if name in known]
        if len(found) > 1:
            where = ".".join(str(part) for part in path)
            raise SettingsInvalid(f"{where} names {' and '.join(found)}, but {kind} in one place", lines.of(path))


def _layers(schedule: Schedule, lines: Lines) -> list[tuple[Path, tuple[str, ...]]]:
    path: Path = ("schedules", schedule.id)
    if lines.has((*path, "people")):
        return [(path, layer.people) for layer in schedule.layers]
    return [((*path, "layers", place), layer.people) for place, layer in enumerate(schedule.layers)]


def _known(names: Sequence[str], known: Collection[str], what: str, path: Path, lines: Lines) -> None:
    for place, name in enumerate(names):
        if name not in known:
            where = ".".join(str(part) for part in path)
            reason = f"{where} names {name!r}, but there is no such {what}{did_you_mean(name, known)}"
            raise SettingsInvalid(reason, lines.of((*path, place)))
