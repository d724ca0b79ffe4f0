"""Cards in the rooms of the team, and edits of messages that were sent: what is sent, and what comes of it."""

from tocsin.channels.message import Amends, Channel, Message, Receipt, SendFailed
from tocsin.engine.engine import Loaded
from tocsin.engine.links import Links
from tocsin.engine.messages import Reader, compose, compose_card
from tocsin.escalation.schedule import person
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident.posts import Post


def posted(loaded: Loaded, do: j.Amend) -> Post:
    """Give the message that is to be edited."""
    posts = loaded.incident.posts if loaded.incident else ()
    return next(post for post in posts if post.seq == do.message)


def compose_amended(loaded: Loaded, held: j.Claimed, post: Post, links: Links) -> Message:
    """Give what a message has to say by now. Raises SendFailed when its reader is gone."""
    if not post.person:
        return compose_card(loaded, held, links)
    someone = person(post.person, loaded.world.settings)
    if someone is None:
        raise SendFailed(f"{post.person} is no longer in the configuration", permanent=True)
    again = j.Job(key=_key(post, held), owner=held.job.owner, due=held.job.due, do=_as_sent(post))
    return compose(
        loaded, j.Claimed(job=again, token="", attempts=1, generation=0), Reader(someone, links, held.job.due)
    )


async def amend(channel: Channel, message: Message, handle: str) -> Receipt:
    """Edit a message, and give an empty receipt. Raises SendFailed."""
    if not isinstance(channel, Amends):
        raise SendFailed("this channel cannot edit what it sent", permanent=True)
    await channel.amend(message, handle)
    return Receipt()


def done(do: j.Announce | j.Amend, receipt: Receipt, loaded: Loaded) -> f.FactBody:
    """Give the fact that a card stands, or that a message was edited; `loaded` is what it was written from."""
    as_of = loaded.incident.seq if loaded.incident else 0
    if isinstance(do, j.Announce):
        return f.Announced(channel=do.channel, handle=receipt.handle, as_of=as_of)
    return f.Amended(message=do.message, as_of=as_of)


def not_done(do: j.Announce | j.Amend, failed: SendFailed) -> f.FactBody:
    """Give the fact that there is no card, or that a message stays as it is."""
    if isinstance(do, j.Announce):
        return f.AnnouncementFailed(channel=do.channel, why=failed.why)
    return f.AmendFailed(message=do.message, why=failed.why)


def _as_sent(post: Post) -> j.Page | j.Notify:
    if post.notification:
        return j.Notify(level=post.level, person=post.person, method=post.method)
    return j.Page(level=post.level, round=post.round, person=post.person, method=post.method)


def _key(post: Post, held: j.Claimed) -> str:
    return f"{held.job.owner}/{post.round}/{post.level}/{post.person}/{post.method}"
