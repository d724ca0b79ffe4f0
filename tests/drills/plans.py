"""What happens in each of the walks: the alert, what commands print, and what a person then does.

One set of plans for each runbook, because its steps are its own; the alerts are the same.
"""

from typing import NamedTuple

from tocsin.drill.runner import printed
from tocsin.incident import wishes as w
from tocsin.runner.command import Outcome


class Plan(NamedTuple):
    """One walk. `acts` are a minute and what whoever has it then wishes."""

    severity: str
    summary: str
    who: str
    prints: dict[str, Outcome]
    acts: tuple[tuple[str, w.Wish], ...]
    solved: str


def _run(who: str, step: str) -> w.Run:
    return w.Run(by=f"person:{who}", step=step)


def _did(who: str, step: str, note: str = "") -> w.Check:
    return w.Check(by=f"person:{who}", step=step, note=note)


def _failed(err: str) -> Outcome:
    return Outcome(how="ended", exit=1, err=err)


_DOWN = ("P0", "No answer from the gateway for 2 minutes", "mira")
_ERRORS = ("P1", "7% of the orders fail", "mira")
_SLOW = ("P1", "Half of the orders take 4 seconds", "mira")
_MEMORY = ("P1", "The process was killed twice in 10 minutes", "mira")
_FLOOD = ("P0", "30 times the usual number of requests", "mira")
_BREACH = ("P0", "One account reads all orders", "eva")
_EMPTY = Outcome(how="ended", exit=1)

BUNDLED: dict[str, Plan] = {
    "sequencer-down": Plan(
        *_DOWN,
        {
            "pm2 status": printed("│ id │ name      │ status  │\n│ 0  │ sequencer │ errored │\n"),
            "pm2 logs": printed("0|sequence | Error: listen EADDRINUSE\n0|sequence | exited\n"),
            "ss -ltn": printed("State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"),
            "psql": printed(" ?column? \n----------\n        1\n(1 row)\n"),
            "pm2 restart": printed(""),
        },
        (
            ("0:10", _run("mira", "sequencer-down.restart-the-sequencer")),
            ("0:13", w.Note(by="person:mira", text="The gateway answers again")),
        ),
        "Orders are accepted again",
    ),
    "high-error-rate": Plan(
        *_ERRORS,
        {
            "pm2 logs": printed("    256 dependency: rates did not answer\n     39 validation: amount is no amount\n"),
            "curl": printed('http_requests_total{status="502"} 5\nsequencer_errors_total{kind="dependency"} 5\n'),
            "pm2 status": printed(
                "│ id │ name      │ status  │\n│ 1  │ rates     │ stopped │\n│ 0  │ sequencer │ online  │\n"
            ),
            "rollback": printed("v1.0.0 is in force again\n"),
            "pm2 restart rates": printed(""),
        },
        (
            ("0:10", _run("mira", "high-error-rate.go-back-to-the-release-before")),
            ("0:12", _run("mira", "high-error-rate.restart-the-rates")),
        ),
        "No order fails any more",
    ),
    "database-slow-queries": Plan(
        *_SLOW,
        {
            "CREATE INDEX": printed("CREATE INDEX\n"),
            "wait_event_type": printed(" pid | held_by | waiting_for | query \n-----+----+---+---\n(0 rows)\n"),
            "query_start": printed(
                " pid | state | running_for | query \n--+--+--+--\n 17 | active | 00:04:10 | SELECT 1\n(1 row)\n"
            ),
            "pg_stat_user_indexes": printed(" indexrelname | idx_scan \n---+---\n(0 rows)\n"),
            "max_connections": printed(" count | allowed | usename \n---+---+---\n 10 | 40 | sequencer\n(1 row)\n"),
        },
        (
            ("0:08", _run("mira", "database-slow-queries.create-the-index-again-intents-are-taken-meanwhile")),
            (
                "0:12",
                _did(
                    "mira", "database-slow-queries.take-its-pid-from-the-diagnosis-and-cancel-it-with-pg-cancel", "17"
                ),
            ),
        ),
        "Orders take 80 ms",
    ),
    "out-of-memory": Plan(
        *_MEMORY,
        {
            "pm2 status": printed("│ id │ name      │ ↺  │ status  │\n│ 0  │ sequencer │ 14 │ errored │\n"),
            "pm2 logs": printed("      3 FATAL ERROR: Reached heap limit Allocation failed\n"),
            "ps -eo": printed(
                "    PID   RSS     ELAPSED COMMAND\n    811 4023437 00:10 node\n    702 51200 02:00 postgres\n"
            ),
            "pm2 restart": printed(""),
            "rollback": _failed("rollback: no release was in force before this one\n"),
        },
        (
            ("0:06", _run("mira", "out-of-memory.restart-it-which-empties-its-memory")),
            ("0:21", _run("mira", "out-of-memory.go-back-to-the-release-before")),
        ),
        "It stays below its limit",
    ),
    "ddos-attack": Plan(
        *_FLOOD,
        {
            "ss -s": printed("Total: 48211\nTCP:   48190 (estab 47002, closed 900, orphaned 12, timewait 288)\n"),
            "ss -Htn": printed("    251 203.0.113.9\n      5 198.51.100.4\n"),
            "pm2 logs": printed("  15012 203.0.113.7\n   2204 203.0.113.9\n    310 198.51.100.4\n"),
            "pm2 restart": printed(""),
        },
        (
            (
                "0:07",
                _did("mira", "ddos-attack.turn-on-the-challenge-page-in-the-console-of-the-edge-provid"),
            ),
            ("0:09", _did("mira", "ddos-attack.block-the-networks-that-send-most-in-its-firewall", "203.0.113.0/24")),
            ("0:11", _run("mira", "ddos-attack.drop-them-all")),
        ),
        "Requests are as usual",
    ),
    "data-breach": Plan(
        *_BREACH,
        {
            "pm2 logs": printed("    532 reports from 203.0.113.7\n      2 settlement from 192.0.2.7\n"),
            "pg_stat_activity": printed(
                " usename | client_addr | backend_start \n--+--+--\n report | 203.0.113.7 | 09:12\n(1 row)\n"
            ),
            "pg_roles": printed(" rolname | rolsuper \n--+--\n report | t\n sequencer | f\n(2 rows)\n"),
            "tar -czf": printed(""),
        },
        (
            ("0:06", w.TakePhase(by="person:eva", phase="contain", person="sam")),
            (
                "0:09",
                _did("sam", "data-breach.disable-the-api-keys-that-were-misused-set-disabledat-in-the", "reports"),
            ),
            ("0:12", _run("eva", "data-breach.copy-the-logs-and-move-the-copy-to-the-evidence-store")),
            ("0:20", w.MeetDeadline(by="person:lea", deadline="authority", note="Filed, reference 17")),
        ),
        "The account is closed",
    ),
}

FOUND: dict[str, Plan] = {
    "sequencer-down": Plan(
        *_DOWN,
        {
            "pm2 status": printed("│ id │ name      │ status  │\n│ 0  │ sequencer │ errored │\n"),
            "pm2 logs": printed("0|sequencer | Error: listen EADDRINUSE\n0|sequencer | exited\n"),
            "netstat": _EMPTY,
            "pm2 restart": printed("[PM2] [sequencer](0) ✓\n"),
            "git": printed("4f1c2ab Turn the cache off\n"),
        },
        (
            ("0:10", _run("mira", "sequencer-down.quick-restart")),
            ("0:11", _run("mira", "sequencer-down.git-log")),
            ("0:13", w.Note(by="person:mira", text="The gateway answers again")),
        ),
        "Orders are accepted again",
    ),
    "high-error-rate": Plan(
        *_ERRORS,
        {
            "pm2 logs": printed("0|sequencer | Error: unknown market\n0|sequencer | Error: unknown market\n"),
            "curl": printed('{\n  "unknown_market": 5\n}\n'),
            "psql": printed(" count \n-------\n    12\n(1 row)\n"),
            "rollback": printed("now at release 41\n"),
        },
        (("0:10", _run("mira", "high-error-rate.scripts-rollback-sh")),),
        "No order fails any more",
    ),
    "database-slow-queries": Plan(
        *_SLOW,
        {
            "pg_stat_activity": printed(
                " pid | query | duration \n-----+----+---\n 17 | SELECT 1 | 00:04:10\n(1 row)\n"
            ),
            "pg_tables": _failed('ERROR:  relation "public.intent" does not exist\n'),
            "pg_stat_user_indexes": _failed('ERROR:  column "tablename" does not exist\n'),
            "VACUUM": printed("VACUUM\n"),
        },
        (
            ("0:08", _run("mira", "database-slow-queries.vacuum-analyze")),
            ("0:12", _did("mira", "database-slow-queries.if-critical-scale-up-database", "to 8 cores")),
        ),
        "Orders take 80 ms",
    ),
    "out-of-memory": Plan(
        *_MEMORY,
        {
            "pm2 jlist": printed("sequencer: online, 3837 MB, CPU 97 %, 14 restarts\n"),
            "pm2 logs": _EMPTY,
            "ps aux": printed("app 811 97.0 50.2 4194304 4023437 ? Rsl 09:12 40:00 node dist/index.js\n"),
            "pm2 delete": printed("[PM2] [sequencer](0) ✓\n"),
            "pm2 start": _failed("[PM2][ERROR] Script not found: /srv/sequencer\n"),
        },
        (
            ("0:06", _run("mira", "out-of-memory.pm2-delete-sequencer")),
            ("0:07", _run("mira", "out-of-memory.pm2-start-sequencer")),
            ("0:12", w.Note(by="person:mira", text="Started with its whole path instead")),
        ),
        "It stays below its limit",
    ),
    "ddos-attack": Plan(
        *_FLOOD,
        {
            "wc -l": printed("188\n"),
            "uniq -c": printed("    171 203.0.113.7\n     12 203.0.113.9\n"),
        },
        (
            ("0:07", _did("mira", "ddos-attack.enable-cloudflare-im-under-attack-mode")),
            ("0:09", _did("mira", "ddos-attack.block-malicious-ips-in-cloudflare", "203.0.113.0/24")),
        ),
        "Requests are as usual",
    ),
    "data-breach": Plan(
        *_BREACH,
        {"aws s3 sync": printed("upload: app.log to the bucket\n")},
        (
            ("0:06", w.TakePhase(by="person:eva", phase="contain", person="sam")),
            ("0:09", _did("sam", "data-breach.disable-affected-accounts", "report")),
            ("0:12", _run("eva", "data-breach.save-all-logs-to-s3")),
            ("0:20", w.MeetDeadline(by="person:lea", deadline="authority", note="Filed, reference 17")),
        ),
        "The account is closed",
    ),
}
