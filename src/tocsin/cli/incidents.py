"""`trigger`, `list`, `incident`, and what a person does with one."""

import argparse
import os
import sys
from typing import Any

from tocsin.cli.client import Client
from tocsin.cli.output import add_format, cite, moment, print_json, print_table
from tocsin.detection.mail import read_mail
from tocsin.errors import UsageError
from tocsin.incident.type_facts import alike


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands about incidents."""
    _add_trigger(subparsers)
    listing = subparsers.add_parser("list", help="list incidents you may see, newest first")
    listing.add_argument("--open", action="store_true", help="only those that are not resolved")
    listing.add_argument("--limit", type=int, default=50, help="at most so many (default 50)")
    add_format(listing)
    listing.set_defaults(run=run_list)
    one = subparsers.add_parser("incident", help="show one incident with its timeline")
    one.add_argument("incident", metavar="INC")
    add_format(one)
    one.set_defaults(run=run_incident)
    _add_action(subparsers, "ack", "acknowledge", "say that you have it")
    _add_action(subparsers, "resolve", "resolve", "say that it is over", "--why")
    _add_action(subparsers, "reopen", "reopen", "say that it is not over", "--why")
    escalate = _add_action(subparsers, "escalate", "escalate", "call the next level now", "--why")
    escalate.add_argument("--level", help="that level instead of the next one")
    severity = _add_action(subparsers, "severity", "severity", "change the severity")
    severity.add_argument("severity", metavar="P0..P3")
    severity.add_argument("--because", required=True, help="why")
    kind = _add_action(subparsers, "type", "type", "give it to another entry, or to none")
    kind.add_argument(
        "type", metavar="TYPE", help="an entry of the runbook; none for no entry; its own: that was right"
    )
    kind.add_argument("--because", default="", help="why; later alerts like it are matched the same way")
    merge = subparsers.add_parser("merge", help="let an incident go on in another one")
    merge.add_argument("incident", metavar="INC")
    merge.add_argument("into", metavar="INTO", help="the incident it goes on in")
    split = subparsers.add_parser("split", help="give alerts of an incident one of their own, which pages")
    split.add_argument("incident", metavar="INC")
    split.add_argument(
        "alerts", metavar="ALERT", nargs="+", help="source/dedup_key, as `tocsin incident INC` lists them"
    )
    for parser, act in ((merge, run_merge), (split, run_split)):
        parser.add_argument("--why", default="", help="the reason, for both timelines")
        add_format(parser)
        parser.set_defaults(run=act)
    note = _add_action(subparsers, "note", "notes", "write something into the timeline")
    note.add_argument("text", metavar="TEXT")


def _add_trigger(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    trigger = subparsers.add_parser("trigger", help="declare an incident")
    trigger.add_argument("--summary", metavar="S", help="what is wrong, in one sentence")
    trigger.add_argument("--type", metavar="T", help="an entry of the runbook, such as sequencer-down")
    trigger.add_argument("--severity", metavar="P", help="a severity of the runbook, such as P1")
    trigger.add_argument(
        "--report",
        action="store_true",
        help="only report it: counted with what others report, paged with enough of them",
    )
    trigger.add_argument("--email", action="store_true", help="read an e-mail on standard input and declare that")
    add_format(trigger)
    trigger.set_defaults(run=run_trigger)


def _add_action(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, path: str, text: str, *options: str
) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(name, help=text)
    parser.add_argument("incident", metavar="INC")
    for option in options:
        parser.add_argument(option, default="", help="the reason, for the timeline")
    add_format(parser)
    parser.set_defaults(run=run_action, path=path)
    return parser


def run_trigger(args: argparse.Namespace) -> int:
    """Declare an incident and print it."""
    summary, dedup_key = (args.summary or "", None)
    if args.email:
        summary, dedup_key = _said_in(sys.stdin.buffer.read(), args.summary)
    if args.report:
        return _report(args, summary)
    if not summary:
        raise UsageError("say what is wrong: `tocsin trigger --summary TEXT`, or --email with a mail on standard input")
    body = {"summary": summary, "type": args.type, "severity": args.severity, "dedup_key": dedup_key}
    done = Client().post("/api/v1/incidents", body)
    if done["id"] is None and args.format == "text":
        print(done["message"])
    else:
        _print(done, args.format)
    return 0


def _report(args: argparse.Namespace, summary: str) -> int:
    if args.severity:
        raise UsageError("a report has no severity: leave --severity out, or declare the incident without --report")
    done = Client().post("/api/v1/reports", {"symptom": args.type or "", "text": summary})
    if args.format == "json":
        print_json(done)
    else:
        print(f"Kept. {done['pages_with']} different people who report the same page those on call.")
    return 0


def _said_in(raw: bytes, summary: str | None) -> tuple[str, str | None]:
    """Give what a mail says is wrong, and the id it shares with its copies. Raises UsageError for what is no mail."""
    mail = read_mail(raw)
    return (mail._replace(subject=summary) if summary else mail).summary, mail.thread or None


def run_list(args: argparse.Namespace) -> int:
    """Print incidents."""
    found = Client().get("/api/v1/incidents", limit=args.limit, status="open" if args.open else None)
    if args.format == "json":
        print_json(found)
        return 0
    rows = [
        [one["id"], one["severity"], one["status"], _who(one), moment(one["opened_at"]), one["title"]]
        for one in found["incidents"]
    ]
    print_table(rows)
    if not rows:
        print("Nothing is open." if args.open else "No incident yet.")
    return 0


def _who(one: dict[str, Any]) -> str:
    if one["status"] == "resolved":
        return "-"
    return str(one["acknowledged_by"] or "nobody has it").removeprefix("person:")


def run_incident(args: argparse.Namespace) -> int:
    """Print one incident."""
    _print(Client().get(f"/api/v1/incidents/{args.incident}"), args.format)
    return 0


def run_action(args: argparse.Namespace) -> int:
    """Do something with an incident and print it as it then is."""
    words = {
        name: getattr(args, name) for name in ("why", "level", "severity", "because", "text", "type") if name in args
    }
    if words.get("type") == "none":
        words["type"] = None
    words["via"] = "cli"
    done = Client().post(f"/api/v1/incidents/{args.incident}/{args.path}", words)
    if args.format == "json":
        print_json(done)
    else:
        print(f"{done['id']} {done['severity']} {done['title']}: {done['status']}, {_who(done)}{_next(done)}")
        if args.path == "type" and (later := _alike(done)):
            print(f"Later {later}, whatever the numbers and hosts, are matched the same way.")
    return 0


def _alike(done: dict[str, Any]) -> str:
    """Give which later alerts the latest correction is about."""
    return next(
        (alike(one["data"]["like"]) for one in reversed(done["timeline"]) if one["fact"] == "TypeCorrected"), ""
    )


def run_merge(args: argparse.Namespace) -> int:
    """Merge an incident and print the one it goes on in."""
    done = Client().post(f"/api/v1/incidents/{args.incident}/merge", {"into": args.into, "why": args.why})
    return _moved(done, args.format, f"{args.incident} goes on in {done['id']}")


def run_split(args: argparse.Namespace) -> int:
    """Split alerts off and print their own incident."""
    done = Client().post(f"/api/v1/incidents/{args.incident}/split", {"alerts": args.alerts, "why": args.why})
    if done["id"] is None and args.format == "text":
        print(done["message"])
        return 0
    return _moved(done, args.format, f"{done['id']} {done['severity']} {done['title']} is open for them")


def _moved(done: dict[str, Any], form: str, text: str) -> int:
    if form == "json":
        print_json(done)
    else:
        print(f"{text}: {done['status']}, {_who(done)}{_next(done)}")
    return 0


def _next(one: dict[str, Any]) -> str:
    if not one["next_escalation_at"]:
        return ""
    return f"; {one['next_level']} is called at {moment(one['next_escalation_at'])}"


def _print(one: dict[str, Any], form: str) -> None:
    if form == "json":
        print_json(one)
        return
    print(f"{one['id']}  {one['severity']}  {one['title']}  ({one['type'] or 'no entry matched'})")
    print(f"  {one['status']}, {_who(one)}{_next(one)}")
    print(f"  {one['severity']} because {one['severity_because']['text']}{cite(one['severity_because']['line'])}")
    for reason in one["because"]:
        print(f"  {reason['text']}{cite(reason['line'])}")
    print_table([[f"  {_group(alert)}", _said_of(alert), alert["summary"]] for alert in one["alerts"]])
    print_table(
        [[f"  #{fact['seq']}", moment(fact["at"]), fact["text"] + cite(fact["line"])] for fact in one["timeline"]]
    )
    print(f"  {os.environ.get('TOCSIN_URL', 'http://127.0.0.1:8080').rstrip('/')}/app/incidents/{one['id']}")


def _group(alert: dict[str, Any]) -> str:
    return f"{alert['source']}/{alert['dedup_key']}"


def _said_of(alert: dict[str, Any]) -> str:
    """Give how often an alert fired and whether it does, as `split` wants to know before it is told which."""
    heard = f"heard {alert['count']} time{'' if alert['count'] == 1 else 's'}"
    return ", ".join(
        ["fires" if alert["status"] == "firing" else "over", heard, *(["flaps"] if alert["flapping"] else [])]
    )
