"""Nothing secret is shown, however it is printed and however it arrives."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import SHARED
from tocsin.response.redaction import HIDDEN, LONGEST_LINE, Redactor, plain, redact

SECRET = "hunter22/Gönner&x=1"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpQIBAAKCAQEA7\nq3h5c0mZ\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "printed",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"me:{SECRET}!".encode()).decode(),
        base64.urlsafe_b64encode(f"x{SECRET}".encode()).decode(),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        f"\x1b[31m{SECRET}\x1b[0m",
        f"{SECRET[:4]}\x1b[1m{SECRET[4:]}",
    ],
)
def test_a_known_secret_is_hidden_in_every_form(printed: str) -> None:
    told = redact(f"before {printed} after", [SECRET])
    assert told.count >= 1
    assert told.text.startswith("before ")
    assert told.text.endswith(" after")
    assert "hunter22" not in told.text
    assert base64.b64encode(SECRET.encode()).decode()[4:12] not in told.text


def test_the_longest_secret_is_hidden_first() -> None:
    assert redact("abcdefgh abcd", ["abcd", "abcdefgh"]).text == f"{HIDDEN} {HIDDEN}"


def test_the_password_of_a_known_address_is_a_secret_too() -> None:
    url = "postgres://app:p%40ss/word@db.example.io:5432/app"
    assert "p@ss/word" not in redact("password authentication with p@ss/word", [url]).text
    assert "p%40ss/word" not in redact("x p%40ss/word x", [url]).text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("DATABASE_URL=postgres://app:s3cr3t@db/app", "s3cr3t"),
        ("postgresql://app:a/b@c@db:5432/x", "a/b@c"),
        ("https://ghp_0123456789abcdefghijABCDEFGHIJ@github.com/x", "ghp_0123456789"),
        ("redis://:s3cr3t@cache:6379", "s3cr3t"),
        ("JWT_SECRET=abc123", "abc123"),
        ("export API_TOKEN='abc 123'", "abc 123"),
        ("PGPASSWORD=abc123 psql", "abc123"),
        ("DB_PASS=abc123", "abc123"),
        ("STRIPE_KEY=abc123", "abc123"),
        ("SECRET_KEY_BASE64: abc123", "abc123"),
        ('{"password": "abc\\"123", "x": 1}', '123"'),
        ('{"apiKey":"abc123"}', "abc123"),
        ('{\\"token\\":\\"abc123\\"}', "abc123"),
        ("  db_password: correct horse battery", "horse"),
        ("token = abc123", "abc123"),
        ("?access_token=abc123&x=1", "abc123"),
        ("mysql --password hunter22 -h db", "hunter22"),
        ("tool --api-key=hunter22", "hunter22"),
        ("│ JWT_SECRET │ abc123 │", "abc123"),
        ("Authorization: Token token=abc123", "abc123"),
        ("> Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("Bearer abcdefgh.ijkl", "abcdefgh"),
        ("Set-Cookie: session=abc123; Path=/", "abc123"),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        (f"found\n{PEM}\nend", "q3h5c0mZ"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nq3h5c0mZ", "q3h5c0mZ"),
        ("xoxb-123456789012-abcdef", "123456789012"),
        ("https://hooks.slack.com/services/T0/B0/abc123", "abc123"),
        ("p\x1b[0massword=abc123", "abc123"),
        ("password\x1b]0;x\x07=abc123", "abc123"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, hidden: str) -> None:
    told = redact(text)
    assert hidden not in told.text
    assert HIDDEN in told.text


@pytest.mark.parametrize(
    "text",
    [
        "Health check failing on sequencer", "keyboard: us", "monkey=3", "max_tokens: 512", "compass: north",
        "PWD=/srv/app",
        "tcp 0 0 127.0.0.1:3000 0.0.0.0:* LISTEN 812/node", "2026-11-23T06:54:24: PM2 log: App [sequencer:0] online",
        "https://api.example.io:8443/health", " public | Intent | idx_api_key | 5", "pass 3, fail 0",
        "bearer of bad news",
        "Basic authentication is off",
    ],
)  # fmt: skip
def test_ordinary_output_is_left_alone(text: str) -> None:
    assert redact(text) == redact(text, ["something-else"])
    assert redact(text).text == text


def test_the_environment_a_process_manager_prints_is_hidden() -> None:
    path = SHARED / "payloads" / "pm2" / "prettylist.txt"
    if not path.is_file():
        pytest.skip(f"needs {path.name}, which lies beside the project and not in it")
    assert "SECRET" not in redact(path.read_text()).text.replace(HIDDEN, "")


def test_a_terminal_is_not_obeyed() -> None:
    assert plain("\x1b[31mred\x1b[0m \x1b]0;title\x07x\x1b]8;;http://a\x1b\\y \x1b(B\x1b7z") == "red xy z"
    assert plain("a\r\nb\rc") == "a\nb\nc"
    assert plain("a\x00b\x07c\x7f\x1b") == "a␀b␇c␡␛"
    assert plain("a\u202eb\u200bc\x85") == "a<U+202E>b<U+200B>c<U+0085>"
    assert plain("tab\tand\nline é ✓ 日本") == "tab\tand\nline é ✓ 日本"


STREAM = (
    f"start\n\x1b[31mDATABASE_URL\x1b[0m=postgres://a:{quote(SECRET)}@db/x\r\nline é {SECRET} tail {SECRET}\n{PEM}\n"
    f"Authorization: Bearer abcdefghijkl\nab{SECRET}"
).encode()


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_no_way_to_cut_the_stream_shows_a_secret(size: int) -> None:
    redactor = Redactor([SECRET])
    pieces = [redactor.feed(STREAM[at : at + size]) for at in range(0, len(STREAM), size)]
    text = "".join(pieces) + redactor.finish()
    whole = redact(STREAM.decode(), [SECRET])
    assert (text, redactor.count) == (whole.text, whole.count)
    for part in ("hunter22", "Gönner", "q3h5c0mZ", "MIIE", "abcdefghijkl"):
        assert part not in text


@pytest.mark.parametrize("size", range(1, len(PEM) + 10))
def test_no_way_to_cut_a_key_shows_a_part_of_it(size: int) -> None:
    redactor, data = Redactor(), f"ab\n{PEM}\ncd\n".encode()
    text = "".join(redactor.feed(data[at : at + size]) for at in range(0, len(data), size)) + redactor.finish()
    assert text == f"ab\n{HIDDEN}\ncd\n"


SECRETS = ["hunter22", "two\nlines\nsecret", "aaaa", "x" * 300]
PIECES = [
    *SECRETS,
    "hunter",
    "aa",
    "\n",
    " ",
    "TOKEN=abc123",
    "\x1b[1m",
    "é",
    "a" * 50,
    "-----BEGIN RSA PRIVATE KEY-----",
    "\r",
]


@settings(max_examples=80)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.lists(st.integers(1, 40), min_size=1, max_size=8))
@example(["hunter22"], [3])
def test_any_text_cut_anyhow_shows_no_known_secret(pieces: list[str], sizes: list[int]) -> None:
    data = "".join(pieces).encode()
    redactor, given_out, at = Redactor(SECRETS), "", 0
    for turn in range(len(data)):
        size = sizes[turn % len(sizes)]
        given_out += redactor.feed(data[at : at + size])
        at += size
    given_out += redactor.finish()
    assert not any(secret in given_out for secret in SECRETS)
    assert "abc123" not in given_out


@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_bytes_become_text_without_control_characters(data: bytes, size: int) -> None:
    redactor = Redactor()
    text = "".join(redactor.feed(data[at : at + size]) for at in range(0, len(data), size)) + redactor.finish()
    assert all(char.isprintable() or char in "\n\t" or ord(char) >= 0xA0 for char in text)


@pytest.mark.parametrize("around", ["", "TOKEN=", " ", "'"])
def test_a_line_without_end_neither_fills_the_memory_nor_leaks(around: str) -> None:
    redactor, out, held = Redactor([SECRET]), "", 0
    for turn in range(60):
        out += redactor.feed((around + "a" * 5000 + (SECRET if turn % 7 == 0 else "")).encode())
        held = max(held, len(redactor._held))
    out += redactor.finish()
    assert "hunter22" not in out
    assert held < 3 * LONGEST_LINE


def test_a_key_without_end_is_swallowed_and_what_follows_its_end_is_shown() -> None:
    redactor = Redactor()
    out = redactor.feed(b"a\n-----BEGIN PRIVATE KEY-----\n")
    for _ in range(2000):
        out += redactor.feed(b"q3h5c0mZq3h5c0mZq3h5c0mZ\n")
    out += redactor.feed(b"-----END PRIV") + redactor.feed(b"ATE KEY-----\nafter\n") + redactor.finish()
    assert "q3h5" not in out
    assert out.startswith("a\n")
    assert out.endswith("\nafter\n")


def test_the_beginning_of_a_secret_at_the_end_is_hidden() -> None:
    redactor = Redactor([SECRET])
    assert redactor.feed(b"it is hunter22/G") + redactor.finish() == f"it is {HIDDEN}"
