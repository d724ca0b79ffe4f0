"""What rules make of an alert, as something that is counted beside its words.

Rules are right about most alerts, and wrong about some in ways that repeat. So what is learned hears of them: which
entry they chose, what they went by, and what they heard the alert speak of.
"""

from collections.abc import Mapping

from tocsin.triage.evidence import Evidence

PLAINLY = 0.6
STEPS = 5
"""A score is told in so many steps: of which fifth it is."""


def signs(kind: str, footing: str, score: float, spoken: Mapping[str, Evidence]) -> frozenset[str]:
    """Give what stands for the kind of the entry that rules chose, and for every topic an alert speaks of.

    `footing` is what they go by, its first word roughly; `score` (0..1) how sure they are. Both matter only together
    with what they chose.
    """
    roughly = footing.partition(" ")[0]
    found = {kind, f"{kind} {roughly}", f"{kind} {footing}", f"{kind} {footing} {int(score * STEPS)}"}
    for topic, heard in spoken.items():
        found.add(f"~{topic}")
        if heard.strength >= PLAINLY:
            found.add(f"~{topic} plainly")
        if heard.caused:
            found.add(f"~{topic} caused")
    plainest = max(spoken, key=lambda topic: spoken[topic].strength, default="")
    return frozenset({*found, f"~~{plainest}"})
