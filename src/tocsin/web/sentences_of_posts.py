"""The sentences of facts about cards and edited messages."""

from collections.abc import Callable
from typing import cast

from tocsin.incident import facts as f
from tocsin.web.names import Names
from tocsin.web.sentence import Sentence
from tocsin.web.times import Times


def _announced(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.Announced", fact.body)
    return Sentence("send", f"Announced to the team by {body.channel}.")


def _not_announced(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.AnnouncementFailed", fact.body)
    return Sentence("cross", f" by {body.channel}: {body.why.rstrip('.')}.", "Could not announce it", bad=True)


def _amended(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.Amended", fact.body)
    return Sentence("send", f"The message of #{body.message} was edited: it tells what happened up to #{body.as_of}.")


def _not_amended(fact: f.Fact, _: Names, __: Times) -> Sentence:
    body = cast("f.AmendFailed", fact.body)
    return Sentence("cross", f"The message of #{body.message} stays as it is: {body.why.rstrip('.')}.", bad=True)


SENTENCES: dict[type[f.Body], Callable[[f.Fact, Names, Times], Sentence]] = {
    f.Announced: _announced,
    f.AnnouncementFailed: _not_announced,
    f.Amended: _amended,
    f.AmendFailed: _not_amended,
}
