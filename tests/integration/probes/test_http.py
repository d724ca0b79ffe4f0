"""One request and its answer: what is measured, what is expected, what is followed, what is taken back."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from integration.probes.looking import NOW, SECRET, Service, answer, configured, look, nobody, parts, probe, service
from tocsin.configuration_file import settings_of
from tocsin.errors import SettingsInvalid
from tocsin.probes import web as asking
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import build

DEEP = b"[" * 100_000


@pytest.fixture
async def web() -> AsyncIterator[Service]:
    async with service() as found:
        yield found


def http(web: Service, path: str = "/", more: str = "") -> str:
    return f'kind = "http"\nurl = "{web.url}{path}"\n{more}'


async def trouble(web: Service, path: str = "/", more: str = "", within: float = 60.0) -> str:
    reading = await look(http(web, path, more), within=within)
    assert reading.values["up"] == 0.0
    return reading.details["trouble"]


async def test_an_answer_is_up_and_measured(web: Service) -> None:
    reading = await look(http(web, "/health"))
    assert reading.details == {}
    assert sorted(reading.values) == ["connect", "latency", "size", "status", "up"]
    assert {name: reading.values[name] for name in ("up", "status", "size")} == {"up": 1, "status": 200, "size": 15}
    assert 0 < reading.values["connect"] < reading.values["latency"] < 60
    assert web.asked == ["GET /health"]


async def test_values_are_read_out_of_the_body(web: Service) -> None:
    web.say[""] = answer(b'{"errors":{"timeout":3,"all":"12.5"},"ready":true,"name":"till","none":null}')
    more = (
        'values = { timeouts = "errors.timeout", all = "errors.all", ready = "ready", n = "length(name)", x = "y.z" }'
    )
    reading = await look(http(web, more=more))
    assert {name: reading.values[name] for name in ("timeouts", "all", "ready", "n", "up")} == {
        "timeouts": 3, "all": 12.5, "ready": 1, "n": 4, "up": 1,
    }  # fmt: skip
    assert "x" not in reading.values
    assert reading.details == {"not_read": "x is not there"}


async def test_a_body_that_is_not_what_is_expected_is_down(web: Service) -> None:
    web.say[""] = answer(b'{"status":"degraded","checks":{"database":"ok"},"ready":1}')
    assert await trouble(web, more='expect = { status = "ok" }') == 'status is "degraded", not "ok"'
    assert await trouble(web, more="expect = { ready = true }") == "ready is 1, not true"
    assert await trouble(web, more='contains = "healthy"') == "its answer does not contain what it should"
    fine = await look(http(web, more='contains = "degraded"\nexpect = { "checks.database" = "ok", ready = 1 }'))
    assert fine.values["up"] == 1.0


async def test_a_status_that_is_not_expected_is_down_and_shows_what_came(web: Service) -> None:
    web.say[""] = answer(b'{"error":"pool exhausted",\n"password":"s3cr3t-0f-them"}', 503)
    reading = await look(http(web))
    assert (reading.values["up"], reading.values["status"]) == (0.0, 503.0)
    assert reading.details["trouble"] == "it answered 503, not 2xx"
    assert reading.details["answer"].startswith('{"error":"pool exhausted",')
    assert "s3cr3t" not in reading.details["answer"]
    assert (await look(http(web, more='status = [200, "5xx"]'))).values["up"] == 1.0


async def test_secrets_are_sent_and_never_shown(web: Service) -> None:
    web.say[""] = answer(f"you said {SECRET}".encode(), 401)
    more = 'method = "POST"\nbody = "ping"\nheaders = { Authorization = { env = "TOKEN" }, X-Team = "till" }'
    reading = await look(http(web, more=more))
    assert f"Authorization: {SECRET}" in web.heads[0]
    assert "X-Team: till" in web.heads[0]
    assert web.bodies == [b"ping"]
    assert reading.details["answer"] == "you said [redacted]"


async def test_no_answer_says_why(web: Service) -> None:
    web.say |= {
        "/silent": b"", "/half": answer(b"half", length=100), "/ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
        "/drip": answer(length=9),
        "/packed": answer(b"no gzip", headers="Content-Encoding: gzip\r\n"),
        "/brotli": answer(b"x", headers="Content-Encoding: br\r\n"),
        "/deep": answer(DEEP), "/words": answer(b"all is well"),
    }  # fmt: skip
    web.hang |= {"/silent", "/drip"}
    assert await trouble(web, "/silent", within=1.0) == "it did not answer within 1 s"
    assert await trouble(web, "/drip", within=2.0) == "it did not finish its answer within 2 s"
    assert await trouble(web, "/half") == "its answer broke off before its end"
    assert await trouble(web, "/ssh") == "what it answers is no HTTP"
    asks = 'expect = { status = "ok" }'
    assert await trouble(web, "/packed", asks) == "its answer says it is gzip and is not"
    assert await trouble(web, "/brotli", asks) == "its answer is packed, though it was asked for plain"
    assert await trouble(web, "/deep", asks) == "its answer is no JSON"
    assert await trouble(web, "/words", asks) == "its answer is no JSON"


async def test_a_service_that_was_given_up_was_at_least_so_slow(web: Service) -> None:
    web.say[""], web.hang = b"", {"/"}
    assert (await look(http(web), within=1.0)).values == {"up": 0, "latency": 1.0}


async def test_a_refused_connection_and_a_name_that_is_none_are_down() -> None:
    gone = Service()
    with nobody() as gone.port:
        assert await trouble(gone) == "connection refused"
    reading = await look('kind = "http"\nurl = "http://a..b/"')
    assert reading.details == {"trouble": "there is no host a..b"}


async def test_what_is_too_long_is_not_read(web: Service) -> None:
    bomb = gzip.compress(b"0" * 5_000_000)
    web.say |= {"/long": answer(b"x" * 300), "/flood": answer(length=10**15),
                "/bomb": answer(bomb, headers="Content-Encoding: gzip\r\n")}  # fmt: skip
    web.endless.add("/flood")
    assert await trouble(web, "/long", "largest = 299") == "its answer is longer than 299 bytes, and no more is read"
    assert await trouble(web, "/flood") == "its answer is longer than 1048576 bytes, and no more is read"
    assert "longer than 1048576" in await trouble(web, "/bomb", 'contains = "1"')
    assert (await look(http(web, "/long", "largest = 300"))).values["up"] == 1.0


async def test_targets_that_hang_flood_and_lie_leave_the_others_as_they_are(web: Service) -> None:
    web.say |= {"/hangs": b"", "/floods": answer(length=10**15), "/lies": answer(b"{}", length=10**9)}
    web.hang |= {"/hangs"}
    web.endless |= {"/floods"}
    shared = parts()
    try:
        looking = [
            (path, build(configured(http(web, path), 0.3 if path == "/hangs" else 60), shared))
            for _ in range(10)
            for path in ("/hangs", "/floods", "/lies", "/good", "/fine")
        ]
        seen = await asyncio.gather(*(one.look(NOW) for _, one in looking))
    finally:
        await shared.close()
    up = {
        path: [reading.values["up"] for (at, _), reading in zip(looking, seen, strict=True) if at == path]
        for path, _ in looking
    }
    assert up == {"/hangs": [0] * 10, "/floods": [0] * 10, "/lies": [0] * 10, "/good": [1] * 10, "/fine": [1] * 10}


async def test_a_packed_answer_is_read(web: Service) -> None:
    web.say[""] = answer(gzip.compress(b'{"status":"ok"}'), headers="Content-Encoding: gzip\r\n")
    assert (await look(http(web, more='expect = { status = "ok" }'))).values["up"] == 1.0


async def test_redirects_are_followed_only_when_wanted_and_not_in_a_circle(web: Service) -> None:
    for at in range(8):
        web.say[f"/{at}"] = answer(status=302, headers=f"Location: /{at + 1}\r\n")
    web.say |= {
        "/round": answer(status=307, headers="Location: /back\r\n"),
        "/back": answer(status=307, headers="Location: /round\r\n"),
        "/self": answer(status=301, headers=f"Location: {web.url}/self#again\r\n"), "/nowhere": answer(status=301),
        "/other": answer(status=301, headers="Location: file:///etc/passwd\r\n"),
        "/bad": answer(status=301, headers="Location: http://[::1\r\n"),
    }  # fmt: skip
    assert "302, not 2xx; redirects are not followed without" in await trouble(web, "/6")
    assert (await look(http(web, "/6", "follow = 2"))).values["up"] == 1.0
    assert await trouble(web, "/0", "follow = 5") == "it redirects more than 5 times"
    assert "in a circle" in await trouble(web, "/round", "follow = 5")
    assert "in a circle" in await trouble(web, "/self", "follow = 5")
    assert "without saying where to" in await trouble(web, "/nowhere", "follow = 5")
    assert "redirects to file" in await trouble(web, "/other", "follow = 5")
    assert "an address that is none" in await trouble(web, "/bad", "follow = 5")


async def test_a_redirect_cannot_lead_to_another_machine_inside_nor_take_secrets_along(web: Service) -> None:
    async with service() as inside:
        web.say["/out"] = answer(status=302, headers=f"Location: {inside.url}/admin\r\n")
        web.say["/meta"] = answer(status=302, headers="Location: http://169.254.169.254/latest\r\n")
        for path, host in (("/out", "127.0.0.1"), ("/meta", "169.254.169.254")):
            said = await trouble(web, path, 'follow = 1\nheaders = { Authorization = { env = "T" } }')
            assert said == f"it redirects to {host}, which is not public; configure that address"
        assert inside.asked == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/"]
)
async def test_an_address_from_outside_must_be_public(web: Service, url: str) -> None:
    with pytest.raises(LookFailed, match="is not a public address"):
        await look(f'kind = "http"\nurl = "{url.format(port=web.port)}"', outside=True)
    assert web.asked == []


async def test_a_name_that_means_another_address_the_second_time_is_asked_for_once(
    web: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def first_public_then_inside(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) > 1 else "2001:4860:4860::8888"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", first_public_then_inside)
    text = f'kind = "http"\nurl = "http://rebinding.example:{web.port}/"'
    with suppress(LookFailed):  # where this machine reaches nothing public
        assert (await look(text, outside=True, within=0.2)).values["up"] == 0
    assert (asked, web.asked) == (["rebinding.example"], [])


async def test_a_service_that_moved_is_found_where_it_is_now(web: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(*_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append("")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) > 1 else "127.0.0.2", 0))]

    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", moved)
    async with probe(f'kind = "http"\nurl = "http://moves.example:{web.port}/"') as looking:
        assert [(await looking.look(NOW)).values["up"] for _ in range(3)] == [0, 1, 1]
    assert len(asked) == 2


async def test_the_proxy_of_the_environment_is_asked_and_its_own_trouble_breaks_the_probe(
    web: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.setenv("no_proxy", "")
    assert (await look('kind = "http"\nurl = "http://shop.example/health"')).values["up"] == 1
    assert web.asked == ["GET http://shop.example/health"]
    with nobody() as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        with pytest.raises(LookFailed, match="the proxy that the environment names cannot be reached"):
            await look('kind = "http"\nurl = "http://shop.example/health"')


# -- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    made = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(path)
    return made, path


def shows(made: trustme.CA, *names: str, until: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(*names, not_after=until).configure_cert(context)
    return context


async def test_how_long_a_certificate_is_good_and_what_the_handshake_took(authority: tuple[trustme.CA, Path]) -> None:
    made, path = authority
    until = datetime(2036, 3, 2, 9, tzinfo=UTC)
    async with service(shows(made, "localhost", until=until)) as web:
        reading = await look(http(web, more=f'ca = "{path}"'))
    assert reading.details == {}
    assert reading.values["certificate"] == (until - NOW).total_seconds()
    assert 0 < reading.values["tls"] < reading.values["connect"] < reading.values["latency"]


async def test_a_certificate_that_is_over_or_not_theirs_is_down(authority: tuple[trustme.CA, Path]) -> None:
    made, path = authority
    async with service(shows(made, "localhost", until=datetime(2024, 1, 1, tzinfo=UTC))) as web:
        assert await trouble(web, more=f'ca = "{path}"') == "its certificate is not accepted: certificate has expired"
    async with service(shows(made, "other.example")) as web:
        assert "not accepted: Hostname mismatch" in await trouble(web, more=f'ca = "{path}"')
        assert "unable to get local issuer certificate" in await trouble(web)

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad\r\n\r\n")
        await writer.drain()
        writer.close()

    plain = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with plain:
        reading = await look(f'kind = "http"\nurl = "https://127.0.0.1:{plain.sockets[0].getsockname()[1]}"')
    assert reading.details == {"trouble": "it does not speak TLS as it should"}


# -- what a probe makes, it takes back


def synthetic(web: Service, more: str = "") -> str:
    return http(
        web,
        "/intents",
        f"""method = "POST"
body = '{{"probe":true}}'
headers = {{ Authorization = {{ env = "T" }} }}
expect = {{ status = "accepted" }}
{more}
[probes.p.clean_up]
url = "{web.url}/intents/{{id}}"
keep = {{ id = "intent.id" }}
""",
    )


async def test_what_the_probe_made_is_taken_back_whether_it_was_as_expected_or_not(web: Service) -> None:
    web.say |= {"/intents": answer(b'{"status":"accepted","intent":{"id":"a/b 7"}}', 201), "": answer(status=204)}
    reading = await look(synthetic(web))
    assert (reading.values["up"], reading.values["cleaned_up"], reading.details) == (1.0, 1.0, {})
    assert web.asked == ["POST /intents", "DELETE /intents/a%2Fb%207"]
    assert [SECRET in head for head in web.heads] == [True, True]
    assert web.bodies == [b'{"probe":true}', b""]

    web.say["/intents"] = answer(b'{"status":"queued","intent":{"id":8}}')
    reading = await look(synthetic(web))
    assert (reading.values["up"], reading.values["cleaned_up"]) == (0.0, 1.0)
    assert web.asked[-1] == "DELETE /intents/8"


async def test_what_was_made_is_taken_back_from_the_same_server_where_only_a_path_is_given(web: Service) -> None:
    web.say |= {"/intents": answer(b'{"status":"accepted","intent":{"id":7}}', 201), "": answer(status=204)}
    text = synthetic(web).replace(f'url = "{web.url}/intents/{{id}}"', 'url = "/intents/{id}"')
    assert (await look(text)).values["cleaned_up"] == 1.0
    assert web.asked == ["POST /intents", "DELETE /intents/7"]


async def test_what_could_not_be_taken_back_is_told(web: Service) -> None:
    web.say |= {"/intents": answer(b'{"status":"accepted","intent":{"id":7}}'), "": answer(status=500)}
    reading = await look(synthetic(web))
    assert (reading.values["up"], reading.values["cleaned_up"]) == (1.0, 0.0)
    assert reading.details["clean_up"] == "what the probe made is still there: DELETE answered 500, not 2xx"


@pytest.mark.parametrize("name", [b'".."', b'""', b"null", b'{"a":1}', b"true"])
async def test_a_name_that_would_take_back_something_else_is_not_used(web: Service, name: bytes) -> None:
    web.say["/intents"] = answer(b'{"status":"accepted","intent":{"id":%s}}' % name)
    reading = await look(synthetic(web))
    assert reading.details["clean_up"] == "what the probe made is still there: its answer does not name what it made"
    assert web.asked == ["POST /intents"]


async def test_nothing_is_taken_back_where_nothing_was_made(web: Service) -> None:
    web.say["/intents"] = answer(b'{"error":"busy"}', 503)
    reading = await look(synthetic(web))
    assert "cleaned_up" not in reading.values
    web.say["/intents"], web.hang = b"", {"/intents"}
    reading = await look(synthetic(web), within=1.0)
    assert reading.details["clean_up"] == "nobody knows whether it made anything"


async def test_who_is_stopped_in_between_takes_back_first(web: Service) -> None:
    web.say["/intents"] = answer(b'{"status":"accepted","intent":{"id":7}}')
    async with probe(synthetic(web)) as looking:
        task = asyncio.ensure_future(looking.look(NOW))
        async with asyncio.timeout(60):
            while not web.asked:  # noqa: ASYNC110  it is the other side that is watched
                await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
    assert web.asked == ["POST /intents", "DELETE /intents/7"]


# -- what does not fit is told before anything is asked


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('values = { up = "a" }', "up is always measured"),
        ('values = { x = "a[" }', "x is no expression in JMESPath"),
        ('status = "2x"', "status '2x' is none"),
        ("status = 99", "status '99' is none"),
        ('method = "HEAD"\ncontains = "a"', "HEAD brings no body"),
        ('headers = { "X Y" = "a" }', "the header 'X Y' cannot be sent"),
        ('headers = { X = "a\\r\\nHost: b" }', "the header 'X' cannot be sent"),
        ('clean_up = { url = "http://a:99999/{id}", keep = { id = "b" } }', "its url must be an address"),
        ('units = { x = "s" }', "there is no value 'x'"),
        ('values = { x = "a" }\nunits = { x = "furlongs" }', "'furlongs' is none; write one such as s, ms"),
        ('headers = { authorization = "Bearer abc" }', "the header authorization stands there in clear; a secret is"),
        ('headers = { X-API-Key = "abc" }', "the header X-API-Key stands there in clear"),
        ('ca = "missing.pem"', "ca: missing.pem cannot be read"),
        ('clean_up = { url = "http://a/{id}", keep = { name = "b" } }', "must hold each name of keep"),
        ('clean_up = { url = "//a/{id}", keep = { id = "b" } }', "its url must be an address"),
        ('clean_up = { url = "http://{id}/", keep = { id = "b" } }', "behind the host"),
        ('clean_up = { url = "http://ada:h2@a/{id}", keep = { id = "b" } }', "url holds a password in clear"),
        ('clean_up = { url = "http://a/{id}?api_key=h2", keep = { id = "b" } }', "url holds api_key in clear"),
    ],
)
async def test_options_that_do_not_fit_are_refused(web: Service, more: str, why: str) -> None:
    shared = parts()
    with pytest.raises(SettingsInvalid, match=why) as caught:
        build(configured(http(web, more=more)), shared)
    assert "[probes.p]: " in str(caught.value)
    await shared.close()


async def test_files_are_not_read_while_a_configuration_is_decided() -> None:
    assert settings_of('[probes.p]\nkind = "http"\nurl = "https://a/"\nca = "elsewhere.pem"').probes["p"].options["ca"]


async def test_a_password_in_an_address_is_only_taken_in_a_secret() -> None:
    shared = parts(secret="http://ada:hunter2@a/")
    with pytest.raises(SettingsInvalid, match="url holds a password in clear") as refused:
        build(configured('kind = "http"\nurl = "http://ada:hunter2@a/"'), shared)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(SettingsInvalid, match="url holds access_token in clear"):
        configured('kind = "http"\nurl = "https://a/?access_token=hunter2"')
    assert build(configured('kind = "http"\nurl = { env = "URL" }'), shared)
    await shared.close()


def test_the_values_a_probe_names_can_be_checked_and_others_cannot() -> None:
    text = 'kind = "http"\nurl = "http://a"\nvalues = {{ errors = "a" }}\n[probes.p.checks.c]\nvalue = "{}"\nabove = 1'
    assert configured(text.format("errors")).kind == "http"
    with pytest.raises(SettingsInvalid, match="did you mean 'errors'"):
        configured(text.format("error"))


async def test_what_was_made_can_be_taken_back_at_an_address_that_is_a_secret(web: Service) -> None:
    web.say |= {"/intents": answer(b'{"id":7}', 201), "": answer(status=500)}
    made = 'method = "POST"\nclean_up = { url = { env = "U" }, keep = { id = "id" } }'
    reading = await look(http(web, "/intents", made), secret=f"http://ada:hunter2@127.0.0.1:{web.port}/{{id}}?key=k")
    assert web.asked == ["POST /intents", "DELETE /7?key=k"]
    assert "hunter2" not in str(reading)
    assert "Authorization: Basic" in web.heads[1]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('values = { n = "[@,@]|[@,@]|[@,@]" }', "only tocsin.toml may use"),
        ('values = { n = "length(items[?a == to_string({b: @})])" }', "only tocsin.toml may use"),
        ('expect = { "join(a, b)" = "x" }', "only tocsin.toml may use"),
        ('values = { n = "' + "a." * 300 + 'a" }', "longer than 500 characters"),
    ],
)
async def test_an_expression_from_outside_makes_no_more_than_there_is(web: Service, more: str, why: str) -> None:
    with pytest.raises(SettingsInvalid, match=why):
        await look(http(web, more=more), outside=True)
    await look(http(web, more=more))
    sound = "values = { n = \"sum(items[?state == 'late'].size) || length(items[*].a[])\" }"
    with pytest.raises(LookFailed, match="is not a public address"):
        await look(http(web, more=sound), outside=True)


async def test_what_an_address_from_outside_made_is_not_taken_back_inside(
    web: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "is_public", lambda address: address == "127.0.0.1")
    web.say["/intents"] = answer(b'{"id":7}', 201)
    more = f'clean_up = {{ url = "http://127.0.0.2:{web.port}/{{id}}", keep = {{ id = "id" }} }}'
    reading = await look(http(web, "/intents", f'method = "POST"\n{more}'), outside=True)
    assert reading.details["clean_up"].endswith("127.0.0.2 is not a public address: only tocsin.toml may ask for it")
    assert web.asked == ["POST /intents"]
    with pytest.raises(SettingsInvalid, match=r"only tocsin\.toml may name a file of authorities"):
        await look(http(web, more='ca = "/etc/passwd"'), outside=True)
