"""Which metric of the configuration, or of the document itself, a symptom's threshold speaks of."""

from collections.abc import Mapping

from tocsin.runbook.policy import Symptom
from tocsin.settings import MetricSettings
from tocsin.triage.words import squeezed

_BOUND = "metric "


def named_metric(symptom: Symptom) -> str | None:
    """Give the metric that the document itself binds a symptom to, or None."""
    bound = symptom.bound_to or ""
    return bound.removeprefix(_BOUND) if bound.startswith(_BOUND) else None


def configured_metric(symptom: Symptom, configured: Mapping[str, MetricSettings], *names: str) -> str | None:
    """Give the key under [metrics] that speaks of a symptom with a threshold, or None.

    It is looked for by `names`, by the metric the document names, and by what is measured. Case, blanks and dashes do
    not matter.
    """
    if symptom.threshold is None:
        return None
    wanted = [squeezed(name) for name in (*names, named_metric(symptom), symptom.threshold.subject) if name]
    keys = {squeezed(key): key for key in configured}
    return next((keys[name] for name in wanted if name in keys), None)
