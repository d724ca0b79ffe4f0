"""A certificate of our own, made at the start: PagerDuty's clients insist on https, and a first try has none."""

import ipaddress
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tocsin.errors import UsageError

_DAYS = 825
"""Days it is good for; more is refused by Apple's clients."""

_RENEWED = 30 * 24 * 3600
"""Seconds before its end in which a new one is made at the next start."""

_WITHIN = 30
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Certificate(NamedTuple):
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


def self_signed(folder: Path, name: str) -> Certificate:
    """Give the certificate in that folder for `name` and this machine, made anew when there is no good one.

    Raises UsageError where it cannot be made.
    """
    found = Certificate(folder / "tls-certificate.pem", folder / "tls-key.pem")
    if not _is_good(found, name):
        _make(found, name)
    return found


def _is_good(found: Certificate, name: str) -> bool:
    if not (found.certificate.is_file() and found.key.is_file()):
        return False
    lasts = _openssl("x509", "-noout", "-in", str(found.certificate), "-checkend", str(_RENEWED))
    question = "-checkip" if _is_address(name) else "-checkhost"
    fits = _openssl("x509", "-noout", "-in", str(found.certificate), question, name)
    return lasts.returncode == 0 and "does match" in fits.stdout


def _make(found: Certificate, name: str) -> None:
    try:
        found.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"the data folder {found.key.parent} cannot be used: {error.strerror}") from error
    names = dict.fromkeys(["DNS:localhost", "IP:127.0.0.1", "IP:::1", _written(name)])
    made = _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(_DAYS),
        "-subj", "/CN=Tocsin, self-signed", "-addext", f"subjectAltName={','.join(names)}",
        "-keyout", str(found.key), "-out", str(found.certificate),
    )  # fmt: skip
    if made.returncode != 0:
        why = " ".join(made.stderr.split())[:300]
        raise UsageError(f"openssl could not make a certificate: {why}; give --tls-cert and --tls-key instead")
    found.key.chmod(0o600)


def _written(name: str) -> str:
    if _is_address(name):
        return f"IP:{name}"
    if not _NAME.fullmatch(name):
        raise UsageError(f"no certificate can be made for the name {name!r}; give --tls-cert and --tls-key instead")
    return f"DNS:{name}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _openssl(*words: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("openssl")
    if program is None:
        raise UsageError("--tls-self-signed needs the program openssl; install it, or give --tls-cert and --tls-key")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=_WITHIN)  # noqa: S603
