"""The address of a PostgreSQL without its password, which travels where no other user of the machine can see it."""

import re
from urllib.parse import unquote

_URL = re.compile(r"(?P<head>postgres(?:ql)?://[^\s/:@?#]*):(?P<password>[^\s@]*)(?P<rest>@[^\s]*)")
_QUERY = re.compile(r"(?P<sign>[?&])password=(?P<password>[^&#\s]*)&?")
_WORD = re.compile(r"(?:^|(?<=\s))password\s*=\s*(?:'(?P<quoted>(?:\\.|[^'\\])*)'|(?P<plain>\S+))\s*")


def without_password(address: str) -> tuple[str, str | None]:
    """Give an address without its password, and the password; None when it holds none.

    Both forms that libpq reads are understood: a URL and words such as `host=db password=x`. The password belongs
    into `PGPASSWORD`: the arguments of a process can be read by every user, its environment only by its own.
    Source: the manual of libpq, "Connection Strings".
    """
    if "://" in address:
        return _of_url(address)
    found = _WORD.search(address)
    if found is None:
        return address, None
    quoted = found["quoted"]
    password = found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return (address[: found.start()] + address[found.end() :]).strip(), password


def _of_url(address: str) -> tuple[str, str | None]:
    query = _QUERY.search(address)
    if query:
        rest = address[: query.start()] + query["sign"] + address[query.end() :]
        return rest.rstrip("?&"), unquote(query["password"])
    found = _URL.fullmatch(address)
    if found is None:
        return address, None
    return found["head"] + found["rest"], unquote(found["password"])
