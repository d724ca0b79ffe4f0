"""Messages that stand where they were sent and can be edited there, so that an old one does not lie."""

from collections.abc import Callable
from typing import cast

import msgspec
from msgspec.structs import replace

from tocsin.incident import facts as f


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A message in its place. `seq` is that of the fact that sent it; `channel` is an id of the configuration.

    `handle` is the channel's own name of it. `as_of`: up to there in the timeline it tells what happened. A card has no
    `person`; `update` is one that nobody edits, but that others may answer.
    """

    seq: int
    channel: str
    handle: str
    as_of: int
    person: str = ""
    level: str = ""
    round: int = 0
    method: str = ""
    notification: bool = False
    update: bool = False
    edits: int = 0
    gone: bool = False


def apply(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    """Give the messages after one more fact."""
    change = _APPLY.get(type(fact.body))
    return change(posts, fact) if change else posts


def _sent(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    body = cast("f.Paged | f.Notified", fact.body)
    if not body.handle:
        return posts
    sent = Post(
        seq=fact.seq,
        channel=body.method.partition(".")[2],
        handle=body.handle,
        as_of=body.as_of,
        person=body.person,
        level=body.level,
        round=body.round if isinstance(body, f.Paged) else 0,
        method=body.method,
        notification=isinstance(body, f.Notified),
    )
    return (*posts, sent)


def _announced(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    body = cast("f.Announced", fact.body)
    card = Post(seq=fact.seq, channel=body.channel, handle=body.handle, as_of=body.as_of, gone=not body.handle)
    return (*posts, card)


def _not_announced(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    body = cast("f.AnnouncementFailed", fact.body)
    return (*posts, Post(seq=fact.seq, channel=body.channel, handle="", as_of=fact.seq, gone=True))


def _updated(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    body = cast("f.UpdateSent", fact.body)
    if not body.handle:
        return posts
    return (*posts, Post(seq=fact.seq, channel=body.channel, handle=body.handle, as_of=fact.seq, update=True))


def _amended(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    body = cast("f.Amended", fact.body)
    # The last edit that was recorded is what stands there, also when two nodes edited it in the other order.
    return _with(posts, body.message, lambda post: replace(post, as_of=body.as_of, edits=post.edits + 1))


def _given_up(posts: tuple[Post, ...], fact: f.Fact) -> tuple[Post, ...]:
    return _with(posts, cast("f.AmendFailed", fact.body).message, lambda post: replace(post, gone=True))


def _with(posts: tuple[Post, ...], seq: int, change: Callable[[Post], Post]) -> tuple[Post, ...]:
    return tuple(change(post) if post.seq == seq else post for post in posts)


_APPLY: dict[type[f.Body], Callable[[tuple[Post, ...], f.Fact], tuple[Post, ...]]] = {
    f.Paged: _sent,
    f.Notified: _sent,
    f.Announced: _announced,
    f.AnnouncementFailed: _not_announced,
    f.UpdateSent: _updated,
    f.Amended: _amended,
    f.AmendFailed: _given_up,
}
