"""What a query does, as one part of a command."""

from tocsin.guard.judgement import FLAGS, Effect
from tocsin.guard.sql import judge_sql
from tocsin.guard.sql_tokens import Dialect


def query_effect(text: str, dialect: Dialect = "postgres") -> Effect:
    """Give what sending that text to a database does; only a single statement that reads is proven."""
    found = judge_sql(text, dialect)
    flags = tuple(flag for flag in FLAGS if flag in found.flags)
    proven = found.risk == "read" and found.single and not flags
    return Effect(risk=found.risk, flags=flags, why="" if proven else found.why, proven=proven)
