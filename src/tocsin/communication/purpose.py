"""Which template is for whom: told from its channel, its title and what stands in it."""

import re
from typing import Literal

from tocsin.communication.template import fields_of
from tocsin.runbook.policy import Runbook, Template

Purpose = Literal["internal", "public", "resolved"]

_INSIDE = re.compile(
    r"\b(?:internal|team|staff|responders?|chat|slack|on-?call|war ?room|stakeholders?)\b", re.IGNORECASE
)
_OUTSIDE = re.compile(r"\b(?:external|public|customers?|users?|clients?|status[ -]?page|outside)\b", re.IGNORECASE)
_OVER = re.compile(
    r"\b(?:resol\w+|clos\w+|post[ -]?incident|final|all[ -]clear|restor\w+|recover\w+|over)\b", re.IGNORECASE
)
_IS_OVER = re.compile(
    r"\b(?:(?:has|have) been (?:resolved|fixed|restored)|is (?:over|resolved)|back to normal)\b", re.IGNORECASE
)
_SAID_AFTERWARDS = {"root_cause", "fix", "prevention", "duration"}


def template_for(runbook: Runbook, purpose: Purpose) -> Template | None:
    """Give the template that speaks for the purpose, the first of equals; None when the document has none.

    Source: "Communication Templates".
    """
    scored = [(score(template, purpose), template) for template in runbook.templates]
    best = max((points for points, _ in scored), default=0)
    return next((template for points, template in scored if points == best), None) if best > 0 else None


def score(template: Template, purpose: Purpose) -> int:
    """Give how well a template suits a purpose; 0 and less: not at all."""
    over = _over(template)
    if purpose == "resolved":
        return over if over > 1 else 0
    inside = 3 * (template.channel == "slack") + 3 * bool(_INSIDE.search(template.title))
    outside = 3 * (template.channel == "status-page") + 3 * bool(_OUTSIDE.search(template.title))
    outside += template.channel == "email"
    inside += any(field.kind == "commander" for field in fields_of(template))
    # An announcement that it is over must never go out while it is not.
    return (inside - outside if purpose == "internal" else outside - inside) if over <= 1 else 0


def _over(template: Template) -> int:
    fields = fields_of(template)
    ended = any(field.kind == "status" and field.example.casefold() == "resolved" for field in fields)
    afterwards = len(_SAID_AFTERWARDS & {field.kind for field in fields})
    return (
        3 * bool(_OVER.search(template.title))
        + 3 * ended
        + 2 * bool(_IS_OVER.search(template.body))
        + min(afterwards, 2)
    )
