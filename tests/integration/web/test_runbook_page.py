import re
from html import unescape
from pathlib import Path

import pytest

from conftest import ROOT
from integration.web.staged import RUNBOOK, TEAM_THAT_RUNS, Staged
from integration.web.test_pages import said
from tocsin.incident import wishes as w
from tocsin.runbook.reading import read_runbook
from tocsin.store import documents

SHARED = sorted((ROOT.parent / "shared").glob("runbooks/*__*.md"))
SEED = ROOT.parent / "shared" / "seed" / "incident-response-runbook.md"
DOCUMENTS = {path: path.read_bytes() for path in SHARED}
EVIL = "# <script>alert(1)</script>\n\n## Till Down\n\n**Symptoms**:\n\n- <b>bold</b> & `<i>`\n- it is slow (> 3s)\n"


def lines_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="l(\d+)"', page)]


async def version(stage: Staged) -> str:
    return stage.tocsin.worlds.current.runbook.sha256


async def test_each_line_stands_with_what_it_became(stage: Staged) -> None:
    await stage.begin(TEAM_THAT_RUNS)
    page = await (await stage.as_("mira")).text("/app/runbook")
    written = RUNBOOK.read_text("utf-8").splitlines()
    shown = lines_of(page)
    assert shown == sorted(shown)
    assert {n for n, text in enumerate(written, 1) if text.strip() and text.strip()[:3] not in {"```", "---"}} <= {
        *shown
    }
    text = said(page)
    assert "incident type sequencer-down , P0, as stated" in text
    assert "reads only, runs by itself" in text
    assert "Of 34 commands, 13 run by themselves, 3 only read and run at a click, 18 need a person." in text
    assert "all understood. no remarks." in text
    assert "in force since" in text
    assert "Runbook" in re.findall(r'<a href="/app/runbook" aria-current="page">(\w+)</a>', page)


async def test_a_stranger_sees_no_runbook(stage: Staged) -> None:
    assert (await stage.stranger.get("/app/runbook")).status_code == 401
    assert (await stage.stranger.get(f"/app/runbook/{await version(stage)}")).status_code == 401


async def test_the_copy_with_rewrites_shows_each_line_first_and_is_downloaded_as_a_file(stage: Staged) -> None:
    body = RUNBOOK.read_bytes()
    mira, sha = await stage.as_("mira"), (await version(stage))[:12]
    page = said(await mira.text("/app/runbook"))
    old = "curl --fail --silent --max-time 5 http://127.0.0.1:3000/health"
    new = "curl --show-error --fail --silent --max-time 5 http://127.0.0.1:3000/health"
    assert f"- {old}" in page
    assert f"+ {new}" in page
    answer = await mira.get(f"/app/runbook/{sha}/rewritten")
    assert answer.headers["content-disposition"] == 'attachment; filename="RUNBOOK.rewritten.md"'
    assert new.encode() in answer.content
    assert len(answer.content.splitlines()) == len(body.splitlines())
    assert (await stage.stranger.get(f"/app/runbook/{sha}/rewritten")).status_code == 401
    assert (await mira.get("/app/runbook/0123456789ab/rewritten")).status_code == 404
    await stage.tocsin.publish(answer.content, "docs/RUNBOOK.md", None)
    assert "Download with rewrites" not in await mira.text("/app/runbook")
    assert old.encode() in (await mira.get(f"/app/runbook/{sha}/rewritten")).content.replace(b" --show-error", b"")


async def test_cites_of_an_incident_lead_to_the_version_it_is_pinned_to(stage: Staged) -> None:
    number, mira, before = await stage.alert(), await stage.as_("mira"), (await version(stage))[:12]
    changed = b"# Another\n\nline\n\n" + RUNBOOK.read_bytes().replace(b"- The health check", b"- The new health check")
    await stage.tocsin.publish(changed, "docs/RUNBOOK.md", None)
    page = await mira.text(f"/app/incidents/{number}")
    cited = {int(line) for line in re.findall(rf'href="/app/runbook/{before}#l(\d+)"', page)}
    assert {31, 40, 44, 52} <= cited
    old = await mira.text(f"/app/runbook/{before}")
    assert cited <= {*lines_of(old)}
    assert "The new health check" not in old
    assert "in force from" in said(old)
    assert "The new health check" in await mira.text("/app/runbook")


async def test_every_page_that_cites_a_line_links_it(stage: Staged) -> None:
    number, mira = await stage.alert(), await stage.as_("mira")
    link = f"/app/runbook/{(await version(stage))[:12]}#l"
    await stage.act(number, w.Resolve(by="person:mira"))
    for path in ("/app/", f"/app/incidents/{number}?region=timeline,who", f"/app/reviews/{number}"):
        assert link in await mira.text(path), path
    assert link in await mira.text(f"/app/incidents/{number}/update?for=internal")


async def test_versions_can_be_compared_in_what_happens_and_in_their_text(stage: Staged) -> None:
    mira, before = await stage.as_("mira"), (await version(stage))[:12]
    assert "Compare with" not in await mira.text("/app/runbook")
    edited = RUNBOOK.read_bytes().replace(b"Response time: 15 minutes", b"Response time: 25 minutes")
    await stage.tocsin.publish(edited.replace(b"Error rate > 2%", b"Error rate > 4%"), "docs/RUNBOOK.md", None)
    page = await mira.text("/app/runbook")
    [compare] = re.findall(r'href="(/app/runbook/\w+\?against=(?:\w+))"', page)
    assert compare.endswith(before)
    compared = unescape(said(await mira.text(compare)))
    assert f"What changed since version {before[:7]}" in compared
    assert "pages L2 (Jonas Weber) after 25 min instead of after 15 min" in compared
    assert 'symptom "Error rate > 4% for 1 minute" instead of' in compared
    assert (
        compared.index("Who is paged") < compared.index("What the policy says") < compared.index("What the text says")
    )
    assert "- - Error rate > 2% for 1 minute" in compared
    assert "+ - Error rate > 4% for 1 minute" in compared
    same = said(await mira.text(f"/app/runbook/{before}?against={before}"))
    assert "Nothing that decides anything" in same
    assert "The same, line by line" in same


async def test_every_version_that_was_in_force_is_listed_and_can_be_read_as_it_was_written(stage: Staged) -> None:
    mira, first = await stage.as_("mira"), RUNBOOK.read_bytes()
    later = [first + f"\nLine {n}.\n".encode() for n in range(3)]
    for body in later:
        await stage.let_pass(hours=1)
        await stage.tocsin.publish(body, "docs/RUNBOOK.md", None, "person:jonas")
    await stage.let_pass(hours=1)
    await stage.tocsin.publish(first, "docs/RUNBOOK.md", None)
    page = await mira.text("/app/runbook/versions")
    links = re.findall(r'href="(/app/runbook/\w+/document)"', page)
    assert [(await mira.get(link)).content for link in links] == [first, *reversed(later), first]
    assert said(page).count("by Jonas Weber") == 3
    assert said(page).count("from its file") == 2
    assert len(re.findall(r"\?against=", page)) == 4
    shown = said(await mira.text("/app/runbook"))
    assert "published from its file" in shown
    assert (await stage.stranger.get("/app/runbook/versions")).status_code == 401
    assert (await stage.stranger.get(links[0])).status_code == 401
    assert (await mira.get("/app/runbook/0123456789ab/document")).status_code == 404


async def test_many_versions_are_listed_page_by_page_and_the_oldest_still_opens(stage: Staged) -> None:
    mira, first = await stage.as_("mira"), (await version(stage))[:12]
    for n in range(105):
        write = documents.publish("runbook", f"{n:064x}", "docs/RUNBOOK.md", b"# X\n", stage.clock.now())
        await stage.tocsin.store.write(write)
    page = await mira.text("/app/runbook/versions")
    assert page.count("<tr><td>") == 100
    [older] = re.findall(r'href="(/app/runbook/versions\?before=\d+)"', page)
    rest = await mira.text(older)
    assert rest.count("<tr><td>") == 6
    assert f"/app/runbook/{first}" in rest
    assert "Older versions" not in rest
    assert "in force from" in said(await mira.text(f"/app/runbook/{first}"))
    assert (await mira.get("/app/runbook/versions?before=x")).status_code == 400


async def test_a_version_that_is_not_there_is_not_found(stage: Staged) -> None:
    mira, sha = await stage.as_("mira"), await version(stage)
    for wrong in ("0" * 64, sha[:11], "x", f"{sha}0"):
        assert (await mira.get(f"/app/runbook/{wrong}")).status_code == 404, wrong
    assert (await mira.get(f"/app/runbook/{sha}?against=nothing")).status_code == 404
    assert (await mira.get(f"/app/runbook/{sha.upper()}")).status_code == 200


@pytest.fixture
async def seeded() -> Staged:
    if not SEED.is_file():
        pytest.skip(f"{SEED} is not there")
    return await Staged().begin(runbook=SEED.read_bytes())


async def test_findings_stand_under_their_line_and_errors_lead_to_each_other(seeded: Staged) -> None:
    page = await (await seeded.as_("mira")).text("/app/runbook")
    errors = re.findall(r'<section class="find error" id="(e\d+)"', page)
    expected = sum(finding.level == "error" for finding in read_runbook(SEED.read_bytes()).findings)
    assert expected > 10
    assert errors == [f"e{number}" for number in range(1, expected + 1)]
    assert {f"#{name}" for name in errors} == {*re.findall(r'href="(#e\d+)"', page)}
    line = page[page.index('<li id="l64"') : page.index('<li id="l66"')]
    assert "pm2 logs sequencer --lines 100 --nostream" in line
    assert "RB103" in line
    assert "^^^^" in line
    assert "follows the log" in line
    assert f"{expected} errors" in said(page)
    assert "â" not in page


async def test_filters_are_links_that_need_no_script(seeded: Staged) -> None:
    mira = await seeded.as_("mira")
    whole, found, paging = [
        lines_of(await mira.text(f"/app/runbook{query}")) for query in ("", "?only=findings", "?only=pages")
    ]
    assert 64 in found
    assert 61 not in found
    assert {5, 42, 43, 49, 88, 297} <= {*paging}
    assert not {53, 61, 64} & {*paging}
    assert {*found} < {*whole} > {*paging}
    assert lines_of(await mira.text("/app/runbook?only=else")) == whole
    page = await mira.text("/app/runbook?only=findings")
    assert f"{len(found)} of 425 lines are shown" in said(page)
    assert "<script" not in page


async def test_what_a_document_says_stays_text() -> None:
    stage = await Staged().begin(runbook=EVIL.encode())
    page = await (await stage.as_("mira")).text("/app/runbook")
    assert "<script>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; <code>&lt;i&gt;</code>" in page


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
async def test_documents_of_other_teams_have_a_page(path: Path) -> None:
    stage = await Staged().begin(runbook=DOCUMENTS[path])
    mira = await stage.as_("mira")
    for query in ("", "?only=findings", "?only=pages"):
        assert '<ol class="doc">' in await mira.text(f"/app/runbook{query}")
