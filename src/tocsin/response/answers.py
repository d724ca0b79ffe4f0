"""Reads what databases and web servers answer: psql, curl."""

import re

from tocsin.response.printed import Found, Printed, counted, shortened, whole

NOT_FOUND = 6
REFUSED = 7
HTTP_ERROR = 22
TOO_LONG = 28
_UNREACHABLE = re.compile(
    r"connection refused|could not connect|timeout expired|no route to host|server closed the connection"
    r"|the database system is (?:shutting down|starting up|in recovery)|remaining connection slots|too many clients"
    r"|no such file or directory\s+is the server running|could not translate host name|network is unreachable",
    re.IGNORECASE,
)
_QUERY_ERROR = re.compile(r"ERROR:\s+(.+)")
_RULE = re.compile(r"^[-+]{3,}$|^-+$")
_FOOTER = re.compile(r"^\(([0-9]{1,15}) rows?\)$")
_STATUS = re.compile(r"\AHTTP/[\d.]+ (\d{3})")
_CURL = re.compile(r"curl: \((\d+)\)")
_CURL_STATUS = re.compile(r"returned error: (\d{3})")
_TROUBLES = {
    NOT_FOUND: "the host name is not known",
    REFUSED: "connection refused",
    TOO_LONG: "no answer in time",
    35: "the encrypted connection failed",
    52: "the server closed the connection without an answer",
    56: "the connection broke off",
    60: "the certificate is not accepted",
}
_SERVER_ERRORS = 500
_ERRORS = 400


def query(printed: Printed) -> Found | None:
    """Read a table that `psql` printed, a single number above all, or why there is none."""
    away = _UNREACHABLE.search(printed.err)
    if away:
        return Found(f"the database does not answer: {shortened(away[0].lower())}", "bad")
    error = _QUERY_ERROR.search(printed.err)
    if error and "statement timeout" in error[1]:
        return Found("the query took too long and was stopped")
    if error:
        return Found(shortened(f"the query failed: {error[1]}"))
    return _table(printed) if not printed.exit and len(printed.calls) == 1 else None


def _table(printed: Printed) -> Found | None:
    lines = printed.lines
    rule = next((n for n, line in enumerate(lines) if _RULE.match(line.strip())), 0)
    footer = next((found for line in lines if (found := _FOOTER.match(line.strip()))), None)
    if not rule or not footer:
        bare = len(lines) == 1 and whole(lines[0]) is not None
        return Found(_number("count", lines[0].strip(), printed)) if bare else None
    if footer[1] == "0":
        return Found("no rows")
    names = [name.strip() for name in lines[rule - 1].split("|")]
    values = [value.strip() for value in "".join(lines[rule + 1 : rule + 2]).split("|")]
    if len(names) == 1 and footer[1] == "1":
        return Found(_number(names[0], values[0], printed))
    told = ", ".join(f"{name} {value}" for name, value in zip(names[:3], values[:3], strict=False))
    return Found(shortened(f"{counted(int(footer[1]), 'row')}: {told}"))


def _number(name: str, value: str, printed: Printed) -> str:
    sql = " ".join(printed.first.texts).lower()
    number = whole(value)
    if name == "count" and "pg_stat_activity" in sql and number is not None:
        return counted(number, "connection")
    return shortened(value if name == "?column?" else f"{name}: {value}")


def answer(printed: Printed) -> Found | None:
    """Read what `curl` got: the status where it is shown, the first words of the body, or why there is no answer."""
    told = _CURL.search(printed.err)
    # Behind a pipe an exit code may be another program's, unless only curl has it.
    own = printed.exit if len(printed.calls) == 1 or printed.exit in _TROUBLES else 0
    code = int(told[1]) if told else own
    failed = _CURL_STATUS.search(printed.err)
    if code == HTTP_ERROR:
        return _status(int(failed[1])) if failed else Found("the server answered with an error")
    if code:
        text = _TROUBLES.get(code)
        return Found(text, "unknown" if code == NOT_FOUND else "bad") if text else None
    return None if printed.exit else _body(printed)


def _body(printed: Printed) -> Found:
    written = printed.out.strip()
    status = _STATUS.match(printed.out)
    if not status and "%{http_code}" in " ".join(printed.first.texts):
        status = re.fullmatch(r"([1-5]\d\d)", written)
    if status:
        return _status(int(status[1]))
    if written == "null" and printed.last.name == "jq":
        return Found("the answer has no such field")
    return Found(shortened(f"answers: {written}") if written else "an empty answer")


def _status(code: int) -> Found:
    return Found(f"HTTP {code}", "bad" if code >= _SERVER_ERRORS else "unknown" if code >= _ERRORS else "good")
