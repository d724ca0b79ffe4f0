"""The page that says what went wrong and what to do."""

from starlette.requests import Request
from starlette.responses import Response

from tocsin.web.rendering import page

_TITLES = {
    400: "That cannot be used",
    401: "You are signed out",
    403: "That is not allowed",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "Not now",
    421: "Wrong address",
    503: "Not now, try again",
}


def trouble(request: Request, status: int, text: str) -> Response:
    """Give the page of an error. `text` is a sentence that says what is wrong and what to do."""
    title = _TITLES.get(status, "Tocsin made a mistake")
    sentence = text[:1].upper() + text[1:]
    if sentence and sentence[-1] not in ".?!":
        sentence += "."
    return page(request, "trouble.html", {"title": title, "text": sentence}, status)
