"""The one answer that everybody asks for: what a text does, what would run instead, and whether that may be alone.

`tocsin guard` and `check`, the pages and the incidents all ask here.
"""

from functools import lru_cache

import msgspec

from tocsin.guard.judge import LONGEST, judge
from tocsin.guard.judgement import Flag, Judgement, Risk
from tocsin.guard.pack import Packs, packs_of
from tocsin.guard.rewrites import Context, Rewriting
from tocsin.guard.rewrites import rewrite as rewritten
from tocsin.guard.shipped import shipped


class Allowance(msgspec.Struct, frozen=True):
    """What a team's configuration allows commands: `variables` that they may use, and `rules` of its own in JSON.

    `variables` None means that nobody was asked: every variable counts as granted. `context` is what is known of the
    machine and of the document. `warnings` are clauses about texts of it that only go wrong together with others.
    `machine` names where commands run, `database` where SQL is asked, None where nobody said.
    """

    variables: frozenset[str] | None = frozenset()
    rules: str = ""
    context: Context = Context()
    warnings: tuple[tuple[str, str], ...] = ()
    machine: str = "local"
    database: str | None = None


NOBODY_ASKED = Allowance(None)


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What would run, and what it does. `because` are clauses that complete "Not run because ..."; else what to know.

    `effective` is the text that would run with `environment` besides, `says` how it differs from the text as given;
    `connects` and `files` are those of `Rewriting`.
    `risk`, `flags` and `unattended` are about `effective`, `source` about the text as given.
    """

    effective: str
    says: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    connects: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    risk: Risk
    flags: tuple[Flag, ...]
    unattended: bool
    because: tuple[str, ...]
    variables: tuple[str, ...] = ()
    source: Judgement


@lru_cache(maxsize=8)
def packs_with(rules: str) -> Packs:
    """Give the shipped packs with a team's own. Raises SettingsInvalid."""
    return shipped().with_more(packs_of(msgspec.json.decode(rules), "[guard.programs]")) if rules else shipped()


@lru_cache(maxsize=2048)
def rule(
    text: str,
    lang: str = "bash",
    allowance: Allowance = NOBODY_ASKED,
    *,
    rewrite: bool = True,
    readable: bool | None = None,
) -> Ruling:
    """Give the ruling on a text. `lang` is "bash" or "sql"; without `rewrite` the text is ruled on as it is.

    `readable` is what `bash -n` says of the text, None where bash was not asked: it is asked again before it runs.
    """
    packs = packs_with(allowance.rules)
    source = judge(text, lang, packs=packs, readable=readable)
    if rewrite and lang == "bash" and readable is not False and len(text) <= LONGEST:
        asked = rewritten(text.strip(), allowance.context)
        judged = judge(asked.judged, packs=packs)
        if judged.unattended:
            return _ruled(source, judged, allowance, asked)
    return _ruled(source, source, allowance, Rewriting(text=text.strip(), judged=text))


def _ruled(source: Judgement, judged: Judgement, allowance: Allowance, asked: Rewriting) -> Ruling:
    missing = [] if allowance.variables is None else [n for n in judged.variables if n not in allowance.variables]
    alone = judged.unattended and not missing
    because: tuple[str, ...] = ()
    if missing and judged.risk == "read":
        because = (f"it needs `{missing[0]}`, which diagnostics have not been granted",)
    elif not alone:
        because = (judged.why,)
    elif "secret-in-argv" in judged.flags and not asked.connects:
        because = ("while it runs, other users of this machine can see a secret of it among the processes",)
    return Ruling(
        effective=asked.text,
        says=asked.says if alone else (),
        environment=asked.environment if alone else (),
        connects=asked.connects if alone else (),
        files=asked.files if alone else (),
        risk=judged.risk,
        flags=judged.flags,
        unattended=alone,
        because=because,
        variables=judged.variables,
        source=source,
    )
