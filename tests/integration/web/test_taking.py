from integration.web.staged import Staged
from tocsin.incident import facts as f
from tocsin.incident import wishes as w


async def test_one_button_takes_it_and_says_what_is_next(stage: Staged) -> None:
    number = await stage.alert()
    path = f"/a/{stage.tocsin.links.token(number, 'mira')}"
    page = await stage.stranger.text(path)
    assert page.count("<button") == 1
    assert "Next: Jonas Weber (L2) is paged at 03:26, if nobody has it by then." in page
    answer = await stage.stranger.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "set-cookie" not in answer.headers, "the link proves acknowledging and nothing else"
    page = await stage.stranger.text(path)
    assert "You have it, Mira Okafor." in page
    assert "if it is not resolved by then" in page
    assert f"/app/incidents/{number}" in page
    taken = [body for body in await stage.facts(number) if isinstance(body, f.Acknowledged)]
    assert [(one.by, one.via) for one in taken] == [("person:mira", "page")]
    assert (await stage.stranger.get(f"/app/incidents/{number}")).status_code == 401


async def test_a_forged_link_is_nothing(stage: Staged) -> None:
    number = await stage.alert()
    genuine = stage.tocsin.links.token(number, "mira")
    for token in (genuine.replace("mira", "jonas"), genuine[:-1] + "_", "x", f"{number}.mira."):
        answer = await stage.stranger.get(f"/a/{token}")
        assert answer.status_code == 404
        assert (await stage.stranger.post(f"/a/{token}")).status_code == 404
    assert not any(isinstance(body, f.Acknowledged) for body in await stage.facts(number))


async def test_somebody_else_has_it_already(stage: Staged) -> None:
    number = await stage.alert()
    await stage.act(number, w.Acknowledge(by="person:jonas"))
    path = f"/a/{stage.tocsin.links.token(number, 'mira')}"
    page = await stage.stranger.text(path)
    assert "Jonas Weber has it" in page
    assert "Take it too" in page
    await stage.stranger.post(path)
    assert "You have it, Mira Okafor." in await stage.stranger.text(path)


async def test_it_is_over_already(stage: Staged) -> None:
    number = await stage.alert()
    await stage.act(number, w.Resolve(by="person:jonas"))
    path = f"/a/{stage.tocsin.links.token(number, 'mira')}"
    page = await stage.stranger.text(path)
    assert "Resolved 03:11 by Jonas Weber." in page
    assert "<form" not in page
    assert (await stage.stranger.post(path)).status_code == 303
    assert not any(isinstance(body, f.Acknowledged) for body in await stage.facts(number))


async def test_somebody_who_left_cannot_take_it(stage: Staged) -> None:
    number = await stage.alert()
    assert (await stage.stranger.get(f"/a/{stage.tocsin.links.token(number, 'former')}")).status_code == 404


async def test_who_has_it_can_answer_a_later_call(stage: Staged) -> None:
    number = await stage.alert()
    await stage.act(number, w.Acknowledge(by="person:jonas"))
    await stage.let_pass(minutes=31)
    path = f"/a/{stage.tocsin.links.token(number, 'jonas')}"
    page = await stage.stranger.text(path)
    assert "Still mine" in page
    assert "if nobody answers by then" in page
    jonas = await stage.as_("jonas")
    incident = await jonas.text(f"/app/incidents/{number}")
    assert "Still mine" in incident
    assert "unless somebody answers" in incident
    await stage.stranger.post(path)
    assert "You have it, Jonas Weber." in await stage.stranger.text(path)
    assert "Still mine" not in await jonas.text(f"/app/incidents/{number}")
