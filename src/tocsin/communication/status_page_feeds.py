"""The status page as feeds: one entry per incident, updated with each update, under an id that never changes."""

import re
from datetime import UTC, datetime

from tocsin.communication.page import DAYS, MONTHS
from tocsin.communication.status_page import PageSettings, PublicIncident, PublicUpdate, changed_at, published, told

ENTRIES = 25
_HOST = re.compile(r"^[a-z]+://(?:[^/@]*@)?(?P<host>\[[^\]]*\]|[^/:?#]+)", re.IGNORECASE)
# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> str:
    """Give the Atom feed, newest incident first.

    Source: RFC 4287; entry ids as Statuspage writes them.
    """
    shown = published(page, incidents, now)[:ENTRIES]
    url = page.url.rstrip("/")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<feed xml:lang="en" xmlns="http://www.w3.org/2005/Atom">',
        f"<id>tag:{_host(page)},2005:/status</id>",
        f"<title>{_xml(page.name)} status</title>",
        f"<updated>{_instant(_updated(page, shown, now))}</updated>",
        f"<author><name>{_xml(page.name)}</name></author>",
        f'<link rel="alternate" type="text/html" href="{_xml(url)}"/>',
        f'<link rel="self" type="application/atom+xml" href="{_xml(url)}/feed.atom"/>',
        *(_atom_entry(page, incident, now) for incident in shown),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def rss(page: PageSettings, incidents: tuple[PublicIncident, ...], now: datetime) -> str:
    """Give the RSS feed, newest incident first.

    Source: RSS 2.0 with `atom:link` and `content:encoded`.
    """
    shown = published(page, incidents, now)[:ENTRIES]
    url = page.url.rstrip("/")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"',
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">',
        "<channel>",
        f"<title>{_xml(page.name)} status</title>",
        f"<link>{_xml(url)}</link>",
        f"<description>What is and was wrong with {_xml(page.name)}</description>",
        f'<atom:link rel="self" type="application/rss+xml" href="{_xml(url)}/feed.rss"/>',
        f"<lastBuildDate>{_mail_date(_updated(page, shown, now))}</lastBuildDate>",
        *(_rss_item(page, incident, now) for incident in shown),
        "</channel>",
        "</rss>",
    ]
    return "\n".join(lines) + "\n"


def entry_id(page: PageSettings, incident: PublicIncident) -> str:
    """Give the id of an entry: it never changes while the page keeps its host."""
    return f"tag:{_host(page)},2005:Incident/{incident.id}"


def _atom_entry(page: PageSettings, incident: PublicIncident, now: datetime) -> str:
    return "\n".join([
        "<entry>",
        f"<id>{_xml(entry_id(page, incident))}</id>",
        f"<title>{_xml(incident.title) or 'Incident'}</title>",
        f"<published>{_instant(incident.started_at)}</published>",
        f"<updated>{_instant(changed_at(incident, now))}</updated>",
        f'<link rel="alternate" type="text/html" href="{_xml(_link(page, incident))}"/>',
        f'<content type="html">{_xml(_html(incident, now))}</content>',
        "</entry>",
    ])  # fmt: skip


def _rss_item(page: PageSettings, incident: PublicIncident, now: datetime) -> str:
    content = _xml(_html(incident, now))
    return "\n".join([
        "<item>",
        f"<title>{_xml(incident.title) or 'Incident'}</title>",
        f"<link>{_xml(_link(page, incident))}</link>",
        f'<guid isPermaLink="false">{_xml(entry_id(page, incident))}</guid>',
        f"<pubDate>{_mail_date(changed_at(incident, now))}</pubDate>",
        f"<description>{content}</description>",
        f"<content:encoded>{content}</content:encoded>",
        "</item>",
    ])  # fmt: skip


def _html(incident: PublicIncident, now: datetime) -> str:
    """Give the updates as HTML, newest first."""
    return "\n".join(_paragraph(update) for update in told(incident, now))


def _paragraph(update: PublicUpdate) -> str:
    body = _xml(update.body).replace("\n", "<br>")
    time = f"{_day(update.at)}, {update.at.astimezone(UTC):%H:%M} UTC"
    return f"<p><small>{time}</small><br><strong>{update.status.capitalize()}</strong> - {body}</p>"


def _updated(page: PageSettings, shown: tuple[PublicIncident, ...], now: datetime) -> datetime:
    return max([page.since, *(changed_at(incident, now) for incident in shown)])


def _link(page: PageSettings, incident: PublicIncident) -> str:
    return f"{page.url.rstrip('/')}/incidents/{incident.id}"


def _host(page: PageSettings) -> str:
    found = _HOST.match(page.url)
    return found["host"].casefold() if found else "localhost"


def _xml(text: str) -> str:
    """Give text that stands for itself in XML, in elements and in quoted attributes."""
    text = _UNWRITABLE.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}"


def _mail_date(at: datetime) -> str:
    """Give an instant as RFC 822 dates are written, whatever the language of the machine."""
    utc = at.astimezone(UTC)
    return f"{DAYS[utc.weekday()]}, {utc.day:02d} {MONTHS[utc.month - 1]} {utc.year} {utc:%H:%M:%S} +0000"
