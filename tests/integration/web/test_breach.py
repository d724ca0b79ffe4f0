"""The protocol of a breach on the page and in the API: phases, clocks, evidence, and who may see any of it."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.web.staged import TEAM_THAT_RUNS, Reader, Staged
from tocsin.engine import evidence
from tocsin.errors import UsageError
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.web.breach_view import sized
from tocsin.web.multipart import Upload, parse

HOST = "https://tocsin.example"


async def breach(stage: Staged) -> str:
    """A breach: Ada (Legal), Priya (Security team) and the fallback are called; Mira, Jonas are not."""
    return await stage.alert("Records are read in bulk", incident_type="data-breach")


async def uploaded(reader: Reader, number: str, name: str, body: bytes, note: str = "") -> httpx.Response:
    headers = {**reader.headers, "Origin": HOST}
    return await reader.stage.client.post(
        f"/app/incidents/{number}/evidence", files={"file": (name, body)}, data={"note": note}, headers=headers
    )


async def called(stage: Staged, method: str, path: str, reader: Reader, body: object = None) -> httpx.Response:
    return await stage.client.request(method, path, json=body, headers={**reader.headers, "Origin": HOST})


async def region(reader: Reader, number: str) -> str:
    return await reader.text(f"/app/incidents/{number}?region=breach")


# -- the page


async def test_phases_stand_in_order_with_what_is_forbidden_first(stage: Staged) -> None:
    number = await breach(stage)
    text = unescape(await region(await stage.as_("ada"), number))
    places = [text.index(word) for word in ("Never delete or rotate logs", "CONTAIN", "PRESERVE", "INVESTIGATE")]
    assert places == sorted(places)
    assert "Never while this is open" in text
    assert "tar -czf evidence-logs.tar.gz" in text


async def test_an_incident_without_a_protocol_shows_nothing_of_it(stage: Staged) -> None:
    number = await stage.alert("It is down", incident_type="sequencer-down")
    assert "<h2" not in await region(await stage.as_("mira"), number)


async def test_a_phase_is_taken_and_given_away(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    assert "Nobody has it" in await region(ada, number)
    answer = await ada.post(f"/app/incidents/{number}/phases/contain")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/incidents/{number}#breach")
    assert "You have it." in await region(ada, number)
    assert (await (await stage.as_("jonas")).get(f"/app/incidents/{number}")).status_code == 404
    await ada.post(f"/app/incidents/{number}/phases/contain", person="jonas")
    assert "Jonas Weber has it." in await region(ada, number)
    assert (await (await stage.as_("jonas")).get(f"/app/incidents/{number}")).status_code == 200
    taken = [fact for fact in await stage.facts(number) if isinstance(fact, f.PhaseTaken)]
    assert [(fact.phase, fact.person, fact.by) for fact in taken] == [
        ("contain", "ada", "person:ada"),
        ("contain", "jonas", "person:ada"),
    ]


@pytest.mark.parametrize(("phase", "person", "status"), [("contain", "nobody", 400), ("pray", "ada", 404)])
async def test_a_phase_belongs_to_a_person_of_the_configuration(
    stage: Staged, phase: str, person: str, status: int
) -> None:
    number = await breach(stage)
    answer = await (await stage.as_("ada")).post(f"/app/incidents/{number}/phases/{phase}", person=person)
    assert answer.status_code == status


async def test_a_step_by_hand_is_ticked_and_counted(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    assert (await region(ada, number)).count("2 to do by hand.") == 3
    await ada.post(
        f"/app/incidents/{number}/steps/data-breach.take-the-login-and-the-rights-of-roles-that-were-misused-and/check",
        done="yes",
    )
    text = await region(ada, number)
    assert "1 to do by hand." in text
    assert 'aria-checked="true"' in text


async def test_phases_stand_on_the_page_once(stage: Staged) -> None:
    number = await breach(stage)
    text = await (await stage.as_("ada")).text(f"/app/incidents/{number}")
    assert text.count("Disable the API keys that were misused") == 1
    assert text.count("Never delete or rotate logs") == 1


async def test_a_clock_prints_what_is_left_and_until_when_and_stops_once_it_is_met(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    text = await region(ada, number)
    assert "3 days" in text
    assert "until Thu 03:11" in text
    assert ":</span>353" in text
    silent = await ada.post(f"/app/incidents/{number}/deadlines/authority", note=" ")
    assert silent.status_code == 400
    await ada.post(f"/app/incidents/{number}/deadlines/authority", note="Filed, reference 17")
    text = await region(ada, number)
    assert "Met at 03:11." in text
    assert "data-due" not in text


async def test_a_clock_that_ran_out_says_so(stage: Staged) -> None:
    number = await breach(stage)
    await stage.let_pass(hours=73)
    assert "Over</b> since" in await region(await stage.as_("ada"), number)


async def test_a_file_is_kept_as_it_came_and_listed(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    body = b"\x00\r\n--x\r\n\xff\n\r"
    assert (await uploaded(ada, number, "auth.log", body, "from gateway 2")).status_code == 303
    text = await region(ada, number)
    assert hashlib.sha256(body).hexdigest() in text
    assert "added by Ada Moreau" in text
    assert "11 bytes" in text


async def test_names_and_notes_are_shown_and_never_run(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    await uploaded(ada, number, "<script>alert(1)</script>.txt", b"x", "<img src=x onerror=y>")
    text = await ada.text(f"/app/incidents/{number}")
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_a_file_that_is_too_large_or_missing_is_refused(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    large = await uploaded(ada, number, "dump", bytes(evidence.LARGEST + 100_000))
    assert (large.status_code, "larger than 16 MB" in large.text) == (400, True)
    assert (await uploaded(ada, number, "", b"")).status_code == 400
    assert (await ada.post(f"/app/incidents/{number}/evidence", note="x")).status_code == 400
    assert not any(isinstance(fact, f.EvidenceAdded) for fact in await stage.facts(number))


async def test_an_upload_from_another_site_is_refused(stage: Staged) -> None:
    number = await breach(stage)
    headers = {**(await stage.as_("ada")).headers, "Origin": "https://evil.example"}
    path = f"/app/incidents/{number}/evidence"
    assert (await stage.client.post(path, files={"file": ("a", b"b")}, headers=headers)).status_code == 403


async def test_the_export_is_a_zip_and_is_recorded(stage: Staged) -> None:
    number = await breach(stage)
    ada = await stage.as_("ada")
    await uploaded(ada, number, "auth.log", b"lines")
    answer = await ada.post(f"/app/incidents/{number}/evidence/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}-evidence.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert package.read("files/auth.log") == b"lines"
        told = hashlib.sha256(package.read("MANIFEST.sha256")).hexdigest()
    assert (await stage.facts(number))[-1] == f.EvidenceExported(by="person:ada", files=1, manifest=told)


# -- who may see it


async def test_for_others_there_is_nothing_there(stage: Staged) -> None:
    number = await breach(stage)
    await uploaded(await stage.as_("ada"), number, "auth.log", b"lines")
    jonas = await stage.as_("jonas")
    app, api = f"/app/incidents/{number}", f"/api/v1/incidents/{number}"
    before = await stage.facts(number)
    answers = [
        await uploaded(jonas, number, "a", b"b"),
        await jonas.post(f"{app}/evidence/export"),
        await jonas.post(f"{app}/evidence/output", step="data-breach.x"),
        await jonas.post(f"{app}/phases/contain"),
        await jonas.post(f"{app}/deadlines/authority", note="x"),
        await jonas.get(f"{app}?region=breach"),
        await called(stage, "GET", f"{api}/evidence", jonas),
        await called(stage, "POST", f"{api}/evidence", jonas, {"name": "a", "text": "b"}),
        await called(stage, "POST", f"{api}/evidence/export", jonas),
        await called(stage, "GET", f"{api}/phases", jonas),
        await called(stage, "POST", f"{api}/phases/contain", jonas, {}),
        await called(stage, "GET", f"{api}/deadlines", jonas),
        await called(stage, "POST", f"{api}/deadlines/authority", jonas, {"note": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert await stage.facts(number) == before


# -- the API


async def test_the_api_does_what_the_page_does(stage: Staged) -> None:
    number = await breach(stage)
    ada, api = await stage.as_("ada"), f"/api/v1/incidents/{number}"
    await called(stage, "POST", f"{api}/phases/contain", ada, {})
    phases = (await called(stage, "GET", f"{api}/phases", ada)).json()["phases"]
    assert [(one["id"], one["person"]) for one in phases][:2] == [("contain", "ada"), ("preserve-evidence", None)]
    [clock] = (await called(stage, "GET", f"{api}/deadlines", ada)).json()["deadlines"]
    assert (clock["id"], clock["met_at"], clock["line"]) == ("authority", None, 353)
    done = await called(stage, "POST", f"{api}/deadlines/authority", ada, {"note": "filed"})
    assert done.json()["timeline"][-1]["fact"] == "DeadlineMet"
    raw = base64.b64encode(b"\x00\xff").decode()
    await called(stage, "POST", f"{api}/evidence", ada, {"name": "raw", "base64": raw})
    kept = await called(stage, "POST", f"{api}/evidence", ada, {"name": "note.txt", "text": "ü", "note": "n"})
    assert [(one["name"], one["size"], one["by"]) for one in kept.json()["evidence"]] == [
        ("raw", 2, "person:ada"),
        ("note.txt", 2, "person:ada"),
    ]
    package = await called(stage, "POST", f"{api}/evidence/export", ada)
    assert zipfile.ZipFile(io.BytesIO(package.content)).testzip() is None
    assert (await called(stage, "GET", f"{api}/evidence/export", ada)).status_code == 405


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "a", "text": "b", "step": "c"}, {"name": "a", "base64": "no!"}, {"text": "b"}, {"colour": "red"}],
)
async def test_evidence_that_does_not_fit_is_refused(stage: Staged, body: Mapping[str, str]) -> None:
    number = await breach(stage)
    answer = await called(stage, "POST", f"/api/v1/incidents/{number}/evidence", await stage.as_("ada"), body)
    assert answer.status_code == 400


async def test_the_output_of_a_step_is_kept_with_one_button(stage: Staged) -> None:
    await stage.begin(TEAM_THAT_RUNS)
    number = await breach(stage)
    step = "data-breach.which-keys-read-intents-and-from-where"
    await stage.act(number, w.Run(by="person:ada", step=step))
    ada = await stage.as_("ada")
    assert "Keep this output" in await region(ada, number)
    answer = await ada.post(f"/app/incidents/{number}/evidence/output", step=step)
    assert answer.status_code == 303
    [kept] = [fact for fact in await stage.facts(number) if isinstance(fact, f.EvidenceAdded)]
    assert kept.source == step


# -- reading a form with a file


def written(boundary: str, fields: Mapping[str, str], name: str, body: bytes) -> bytes:
    """A form as browsers write it."""
    encoded = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts = [
        *(f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()),
        f'Content-Disposition: form-data; name="file"; filename="{encoded}"\r\n'.encode()
        + b"Content-Type: message/rfc822\r\n\r\n"
        + body,
    ]
    return b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


@given(st.binary(max_size=2000), st.text(st.characters(codec="utf-8", exclude_characters='%\\"'), min_size=1))
def test_a_file_comes_out_as_it_went_in(body: bytes, name: str) -> None:
    sent = parse("multipart/form-data; boundary=----x7", written("----x7", {"note": "a"}, "n" + name + "n", body))
    assert sent.files["file"].body == body
    assert sent.fields == {"note": "a"}


def test_names_of_files_keep_their_letters() -> None:
    sent = parse("multipart/form-data; boundary=b", written("b", {}, 'prüfung "1"; x.log', b""))
    assert sent.files == {"file": Upload('prüfung "1"; x.log', b"")}


@given(st.text(max_size=60), st.binary(max_size=300))
def test_anything_else_is_refused_and_nothing_breaks(kind: str, body: bytes) -> None:
    for given_kind in (kind, "multipart/form-data; boundary=b", f"multipart/form-data; boundary={kind}"):
        try:
            parse(given_kind, body)
        except UsageError:
            continue


@given(st.data())
def test_a_form_that_was_cut_or_changed_breaks_nothing(data: st.DataObject) -> None:
    whole = bytearray(written("b", {"note": "a"}, "f", b"body"))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        parse("multipart/form-data; boundary=b", cut)
    except UsageError:
        return


@pytest.mark.parametrize(("size", "text"), [(1, "1 byte"), (812, "812 bytes"), (4300, "4.2 KB"), (2**24, "16.0 MB")])
def test_sizes_are_told_as_people_read_them(size: int, text: str) -> None:
    assert sized(size) == text
