"""Which machine sent this? Sources, and the secrets that prove them. It needs no store, so a front can ask it too."""

import hmac
from collections.abc import Iterable, Mapping

import msgspec

from tocsin.clock import Clock
from tocsin.configuration.sources import MAY_SIGN, SIGNED
from tocsin.settings import SourceSettings
from tocsin.signatures import SCHEMES, Scheme, is_genuine, stamped


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A source with its key, and with what it signs with or its further keys."""

    source: SourceSettings
    key: str
    secrets: tuple[str, ...] = ()


class Sources:
    """Checks the secrets of sources."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nobody known."""
        self._clock = clock
        self._keys: dict[bytes, SourceSettings] = {}
        self._signers: dict[str, list[Known]] = {}
        self.known: tuple[Known, ...] = ()

    def know(self, known: Iterable[Known]) -> None:
        """Let these be all sources there are."""
        self.known = tuple(known)
        self._keys, self._signers = {}, {}
        for one in self.known:
            signing = signs(one.source)
            keys = (one.key, *(() if signing else one.secrets))
            self._keys |= dict.fromkeys((key.encode() for key in keys), one.source)
            if signing:
                self._signers.setdefault(one.source.kind, []).append(one)

    def source(self, key: str, kind: str) -> SourceSettings | None:
        """Give the source with that key, comparing in constant time, or None.

        One whose kind is named opens the doors of that kind alone, and none by a key where it signs.
        """
        offered = key.encode("utf-8", "surrogatepass")
        found = None
        for known, source in self._keys.items():
            if hmac.compare_digest(known, offered):
                found = source
        return found if found and found.kind in {"", kind} and not signs(found) else None

    def signer(self, kind: str, raw: bytes, headers: Mapping[str, str]) -> SourceSettings | None:
        """Give the source of that kind that signed this body, or None."""
        signers = self._signers.get(kind)
        if not signers:
            return None
        now, found = self._clock.now(), None
        for one in signers:
            source = one.source
            if is_genuine(_scheme(source), raw, headers, one.secrets, now, tolerance=source.tolerance):
                found = source
        return found

    @property
    def sources(self) -> tuple[str, ...]:
        """Give every source there is."""
        return tuple(one.source.id for one in self.known)


def signs(source: SourceSettings) -> bool:
    """Give whether a source proves itself by a signature, not by a key."""
    return source.kind in SIGNED or (source.kind in MAY_SIGN and bool(source.secrets))


def _scheme(source: SourceSettings) -> Scheme:
    scheme = SCHEMES[source.kind]
    if source.signature_header:
        scheme = scheme._replace(header=source.signature_header)
    return stamped(scheme, source.timestamp_header) if source.timestamp_header else scheme
