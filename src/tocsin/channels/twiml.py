"""What a phone is told to say and do. Source: TwiML."""

from html import escape


def say(*words: str) -> str:
    """Give TwiML that says each of these, with a pause between."""
    return "<Pause/>".join(f"<Say>{escape(one, quote=False)}</Say>" for one in words)


def gather(action: str, *words: str) -> str:
    """Give TwiML that says these and waits for one digit, which goes to `action`."""
    return f'<Gather numDigits="1" timeout="8" action="{escape(action)}">{say(*words)}</Gather>'


def redirect(url: str) -> str:
    """Give TwiML that goes on elsewhere."""
    return f"<Redirect>{escape(url, quote=False)}</Redirect>"


def message(words: str) -> str:
    """Give TwiML that answers a text message."""
    return f"<Message>{escape(words, quote=False)}</Message>"


def twiml(*verbs: str) -> str:
    """Give a whole TwiML document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'
