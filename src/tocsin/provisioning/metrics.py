"""Which metric a threshold speaks of: the one that the configuration or the document names, else a usual one.

A usual metric is a guess: common names of common exporters. Whatever is made of it says so, with what to check.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from tocsin.provisioning.promql import comparison_in
from tocsin.runbook.policy import Symptom, Threshold
from tocsin.runbook.units import TIMES, dimension
from tocsin.settings import MetricSettings
from tocsin.triage.measured import configured_metric, named_metric
from tocsin.triage.readings import measured_by

_HTTP = "http_requests_total"
_ALL = f"sum(rate({_HTTP}[5m]))"
_DISKS = '{fstype!~"tmpfs|ramfs|overlay"}'
_LEFT = re.compile(r"\b(?:free|left|available|remain\w*|headroom)\b", re.IGNORECASE)
_DISK = re.compile(r"\b(?:disks?|space|file ?systems?|volumes?|storage)\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:average|avg|mean)\b", re.IGNORECASE)
_QUANTILE = re.compile(
    r"\bp(?P<short>50|75|90|95|99)\b|\b(?P<long>50|75|90|95|99)(?:th|st|nd|rd)?[ -]percentile\b", re.IGNORECASE
)
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class Metric(NamedTuple):
    """A PromQL expression and what is known of it.

    `unit` is that of its values; `origin` says who named it; `check` is what a person has to look at where it is a
    guess, "" otherwise; `settings` are the configured ones. `compared`: the author wrote the comparison too.
    """

    expr: str
    unit: str
    origin: Literal["configuration", "document", "guess"]
    check: str = ""
    settings: MetricSettings | None = None
    compared: bool = False


def metric_of(symptom: Symptom, names: tuple[str, ...], configured: Mapping[str, MetricSettings]) -> Metric | None:
    """Give the metric of a symptom that has a threshold, or None when nothing says which it is.

    `names` are further names under which the configuration may give one, such as that of its alert.
    """
    threshold = symptom.threshold
    if threshold is None:
        return None
    key = configured_metric(symptom, configured, *names)
    if key is not None:
        chosen = configured[key]
        return Metric(f"({chosen.expr.strip()})", chosen.unit or threshold.unit, "configuration", settings=chosen)
    named = named_metric(symptom)
    if named and _METRIC_NAME.fullmatch(named):
        return Metric(named, threshold.unit, "document")
    written = comparison_in(symptom.text)
    if written:
        return Metric(written, threshold.unit, "document", compared=True)
    return _usual(threshold, symptom.text)


def _usual(threshold: Threshold, text: str) -> Metric | None:
    if (threshold.unit == TIMES) != (threshold.baseline is not None):
        return None  # "burns at 14x" and "20% above normal" measure against something that no usual metric knows
    kind = measured_by(threshold, text) or ("disk" if _DISK.search(text) else "")
    measured = _NATURAL.get(kind) if threshold.unit == TIMES else dimension(threshold.unit)
    made = _USUAL.get((kind, measured or ""))
    return made(threshold, text) if made else None


def _guess(expr: str, unit: str, check: str) -> Metric:
    return Metric(expr, unit, "guess", check)


def _errors(_: Threshold, __: str) -> Metric:
    expr = f'100 * sum(rate({_HTTP}{{code=~"5.."}}[5m])) / {_ALL}'
    check = f"the share of all requests that end with a 5xx; your {_HTTP} and its label code may have other names"
    return _guess(expr, "%", check)


def _success(_: Threshold, __: str) -> Metric:
    # Without "or vector(0)", a service that answers nothing but errors would have no value, and no alert.
    expr = f'100 * (sum(rate({_HTTP}{{code!~"5.."}}[5m])) or vector(0)) / {_ALL}'
    check = f"the share of all requests that end without a 5xx; your {_HTTP} and its label code may have other names"
    return _guess(expr, "%", check)


def _latency(_: Threshold, text: str) -> Metric:
    name = "http_request_duration_seconds"
    if _MEAN.search(text):
        expr, what = f"sum(rate({name}_sum[5m])) / sum(rate({name}_count[5m]))", "the mean time of all requests"
    else:
        found = _QUANTILE.search(text)
        percent = int(found["short"] or found["long"]) if found else 95
        expr = f"histogram_quantile({percent / 100:g}, sum by (le) (rate({name}_bucket[5m])))"
        what = f"the time within which {percent}% of all requests are answered"
    return _guess(expr, "s", f"{what}; your {name} may have another name")


def _cpu(_: Threshold, __: str) -> Metric:
    expr = '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))'
    return _guess(expr, "%", 'node_exporter on each machine; add its label, such as {instance="db-1:9100",mode="idle"}')


def _memory(threshold: Threshold, text: str) -> Metric:
    left = "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"
    expr = f"100 * {left}" if _is_left(threshold, text) else f"100 * (1 - {left})"
    return _guess(expr, "%", "node_exporter on each machine; a container or a process has metrics of its own")


def _memory_bytes(threshold: Threshold, text: str) -> Metric:
    if _is_left(threshold, text):
        return _guess("node_memory_MemAvailable_bytes", "bytes", "node_exporter on each machine")
    return _guess("process_resident_memory_bytes", "bytes", 'each process that is scraped; add its label {job="..."}')


def _disk(threshold: Threshold, text: str) -> Metric:
    left = f"node_filesystem_avail_bytes{_DISKS} / node_filesystem_size_bytes{_DISKS}"
    expr = f"100 * {left}" if _is_left(threshold, text) else f"100 * (1 - {left})"
    return _guess(expr, "%", 'node_exporter, each file system; add its label {mountpoint="..."}')


def _requests(_: Threshold, __: str) -> Metric:
    return _guess(_ALL, "/s", f"all requests that are counted; your {_HTTP} may have another name")


def _is_left(threshold: Threshold, text: str) -> bool:
    """Give whether a share is of what is left: "10% free", and whatever is too small."""
    return threshold.op.startswith("<") or bool(_LEFT.search(text))


_USUAL = {
    ("errors", "share"): _errors,
    ("success", "share"): _success,
    ("latency", "time"): _latency,
    ("load", "share"): _cpu,
    ("memory", "share"): _memory,
    ("memory", "bytes"): _memory_bytes,
    ("disk", "share"): _disk,
    ("requests", "rate"): _requests,
}
_NATURAL = {"errors": "share", "latency": "time", "load": "share", "memory": "bytes", "requests": "rate"}
"""What is compared where the document says "10x normal" and so names no unit of its own."""
