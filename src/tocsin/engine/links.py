"""Acknowledge links: short, unforgeable, and bound to one person and one incident."""

import base64
import hmac
import re
from urllib.parse import quote

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come of them, and nothing that looks like a digit."""

_TOKEN = re.compile(r"([A-Z0-9-]+)\.([^/\x00-\x1f]+)\.([A-Za-z0-9_-]{16})")


class Links:
    """Makes and reads links with the store's own key."""

    def __init__(self, key: str, public_url: str) -> None:
        """Take the signing key and the address people reach this server at."""
        self._key = key.encode()
        self.public_url = public_url

    def acknowledge(self, number: str, person: str) -> str:
        """Give the link with which that person takes that incident."""
        return f"{self.public_url.rstrip('/')}/a/{quote(self.token(number, person))}"

    def home(self) -> str:
        """Give the address of the first page: everything that is open."""
        return f"{self.public_url.rstrip('/')}/app/"

    def incident(self, number: str) -> str:
        """Give the address of an incident's page."""
        return f"{self.public_url.rstrip('/')}/app/incidents/{number}"

    def sign_in(self, secret: str) -> str:
        """Give the address at which a one-time link is used."""
        return f"{self.public_url.rstrip('/')}/app/sign-in?token={secret}"

    def token(self, number: str, person: str) -> str:
        """Give the last part of the link."""
        return f"{number}.{person}.{self._signature(number, person)}"

    def code(self, number: str, person: str) -> str:
        """Give what that person writes back to answer a text message about that incident: "42KTX".

        Its letters keep somebody who can write in another's name from answering for incidents they were not told of.
        """
        mac = hmac.digest(self._key, f"code\n{number}\n{person}".encode(), "sha256")
        return number.rpartition("-")[2].lstrip("0") + "".join(_LETTERS[byte % len(_LETTERS)] for byte in mac[:3])

    def read(self, token: str) -> tuple[str, str] | None:
        """Give the incident and the person of a genuine token, else None."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        number, person, signature = found.groups()
        genuine = hmac.compare_digest(signature, self._signature(number, person))
        return (number, person) if genuine else None

    def _signature(self, number: str, person: str) -> str:
        mac = hmac.digest(self._key, f"acknowledge\n{number}\n{person}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac[:12]).decode()
