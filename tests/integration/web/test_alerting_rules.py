"""`tocsin rules` with Prometheus' own programs: what they accept, when it fires, and which entry the alert opens."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_ports

from conftest import ROOT
from integration.servers import Here
from tocsin.cli.main import main

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
TRICKY = """# {{ $labels.x }} "quoted" 'single' \\ back: shop

## Incidents

### Till: "slow" & {{ broken }} 'day' \x07\u2028😀

<!-- tocsin:incident id="till-{{x}}" -->

**Symptoms**:

- Error rate > 1%: it's {{ $value }} \\n "so" # no comment
- Error rate > 2% for 5 minutes
- Latency > 1s {{{ }}
- Database down (`pg_up == 0`)
"""


def needs(*programs: str) -> str:
    found = next(filter(None, map(shutil.which, programs)), None)
    if found is None:
        pytest.skip(f"needs {programs[0]}, which Debian's packages prometheus and prometheus-alertmanager bring")
    return found


def rules_of(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["rules", str(path), *more]) == 0
    return capsys.readouterr().out


def promtool(*words: str | Path) -> str:
    done = subprocess.run([needs("promtool"), *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules_of_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.yml").write_text(rules_of(EXAMPLE, capsys), "utf-8")
    assert "5 rules found" in promtool("check", "rules", "--lint-fatal", tmp_path / "rules.yml")


def test_promtool_accepts_the_rules_of_the_seed(
    seed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "RUNBOOK.md").write_bytes(seed)
    (tmp_path / "rules.yml").write_text(rules_of(tmp_path / "RUNBOOK.md", capsys), "utf-8")
    assert "4 rules found" in promtool("check", "rules", "--lint-fatal", tmp_path / "rules.yml")


def test_no_words_of_a_document_break_the_file_or_are_taken_for_a_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "R.md").write_text(TRICKY, "utf-8")
    told = json.loads(rules_of(tmp_path / "R.md", capsys, "--format", "json"))
    (tmp_path / "rules.yml").write_text(rules_of(tmp_path / "R.md", capsys), "utf-8")
    assert "4 rules found" in promtool("check", "rules", "--lint-fatal", tmp_path / "rules.yml")
    [down] = [rule for rule in told["rules"] if rule["expr"] == "pg_up == 0"]
    assert "{{ broken }}" in down["annotations"]["summary"]
    expected = {"exp_labels": down["labels"], "exp_annotations": down["annotations"]}
    fires = {"eval_time": "5m", "alertname": down["alert"], "exp_alerts": [expected]}
    play(tmp_path, [*series("pg_up", "0x10"), fires])


def series(*pairs: str) -> list[dict[str, Any]]:
    return [{"series": name, "values": values} for name, values in zip(pairs[::2], pairs[1::2], strict=True)]


def play(folder: Path, mixed: list[dict[str, Any]]) -> None:
    """Let promtool play series (one sample a minute) against the rules, and compare the alerts."""
    inputs = [one for one in mixed if "series" in one]
    tests = [one for one in mixed if "alertname" in one]
    case = {"interval": "1m", "input_series": inputs, "alert_rule_test": tests}
    (folder / "case.yml").write_text(
        json.dumps({"rule_files": ["rules.yml"], "tests": [case]}, ensure_ascii=False), "utf-8"
    )
    promtool("test", "rules", folder / "case.yml")


BUCKETS = 'http_request_duration_seconds_bucket{{le="{}"}}'
CPU = 'node_cpu_seconds_total{mode="idle",instance="db-1:9100"}'
CASES = [
    # alert, when it fires, when it does not; a counter grows by so much a minute
    (
        "HighErrorRate",
        series('http_requests_total{code="200"}', "0+97x30", 'http_requests_total{code="503"}', "0+3x30"),
        series('http_requests_total{code="200"}', "0+99x30", 'http_requests_total{code="503"}', "0+1x30"),
    ),
    (
        "DatabaseSlowQueriesResponseTime",
        series(BUCKETS.format("0.5"), "0+90x30", BUCKETS.format("2"), "0+100x30", BUCKETS.format("+Inf"), "0+100x30"),
        series(BUCKETS.format("0.5"), "0+99x30", BUCKETS.format("2"), "0+100x30", BUCKETS.format("+Inf"), "0+100x30"),
    ),
    ("DatabaseSlowQueriesDatabaseCPU", series(CPU, "0+2x30"), series(CPU, "0+6x30")),
    (
        "OutMemoryMemoryUseSequencer",
        series("process_resident_memory_bytes", "181000000x30"),
        series("process_resident_memory_bytes", "179000000x30"),
    ),
    ("DDoSAttackRequests", series("http_requests_total", "0+7200x30"), series("http_requests_total", "0+4800x30")),
]  # fmt: skip


@pytest.mark.parametrize(("alert", "above", "below"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_fires_above_its_threshold_and_is_silent_below(
    alert: str,
    above: list[dict[str, Any]],
    below: list[dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = json.loads(rules_of(EXAMPLE, capsys, "--format", "json"))
    (tmp_path / "rules.yml").write_text(rules_of(EXAMPLE, capsys), "utf-8")
    [rule] = [one for one in told["rules"] if one["alert"] == alert]
    instance = {"instance": "db-1:9100"} if "instance" in rule["expr"] else {}
    expected = {"exp_labels": {**rule["labels"], **instance}, "exp_annotations": rule["annotations"]}
    fired = {"eval_time": "25m", "alertname": alert, "exp_alerts": [expected]}
    silent = {"eval_time": "25m", "alertname": alert, "exp_alerts": []}
    early = {"eval_time": "1m", "alertname": alert, "exp_alerts": []}
    play(tmp_path, [*above, fired, early])
    play(tmp_path, [*below, silent])


def test_ten_times_normal_fires_only_where_normal_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "# S\n\n## Incidents\n\n### Flood (P0)\n\n**Symptoms**:\n\n- Spike in requests (>10x normal)\n"
    (tmp_path / "R.md").write_text(text, "utf-8")
    (tmp_path / "rules.yml").write_text(rules_of(tmp_path / "R.md", capsys), "utf-8")
    [rule] = json.loads(rules_of(tmp_path / "R.md", capsys, "--format", "json"))["rules"]
    week = 7 * 24 * 60
    fired = [{"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}]
    for grown, expected in ((1500, fired), (500, [])):
        counted = f"0+60x{week} {60 * week}+{grown}x60"
        test = {"eval_time": f"{week + 30}m", "alertname": rule["alert"], "exp_alerts": expected}
        play(tmp_path, [*series("http_requests_total", counted), test])
    unknown = {"eval_time": "40m", "alertname": rule["alert"], "exp_alerts": []}
    play(tmp_path, [*series("http_requests_total", "0+100000x60"), unknown])


# -- the whole way: Prometheus, Alertmanager, Tocsin

MEASURED = """
[server]
public_url = "https://tocsin.example"

[metrics."error rate"]
expr = "vector(3.5)"
for = "PT0S"

[metrics."order response time"]
expr = "vector(0.1)"
unit = "s"
for = "PT0S"
"""
ALERTMANAGER = """
route: {{receiver: tocsin, group_by: [alertname], group_wait: 100ms, group_interval: 1s}}
receivers:
  - name: tocsin
    pagerduty_configs:
      - url: {url}/v2/enqueue
        routing_key: {key}
        severity: '{{{{ or .CommonLabels.severity "error" }}}}'
        send_resolved: true
"""


@contextlib.asynccontextmanager
async def running(folder: Path, program: str, *words: str) -> AsyncIterator[None]:
    with (folder / f"{Path(program).name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *words, stdout=log, stderr=log, cwd=folder)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def test_the_alert_of_a_rule_opens_the_entry_it_was_made_from(
    here: Here, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prometheus, alertmanager = needs("prometheus"), needs("prometheus-alertmanager", "alertmanager")
    (tmp_path / "tocsin.toml").write_text(MEASURED, "utf-8")
    written = rules_of(EXAMPLE, capsys, "--config", str(tmp_path / "tocsin.toml"))
    (tmp_path / "rules.yml").write_text(written, "utf-8")
    at, asks = free_ports(2)
    url = f"http://{here.client.base_url.host}:{here.client.base_url.port}"
    (tmp_path / "am.yml").write_text(ALERTMANAGER.format(url=url, key=here.routing_key), "utf-8")
    (tmp_path / "prometheus.yml").write_text(
        "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
        f'alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{at}"]}}]}}]}}\n',
        "utf-8",
    )
    manager = ("--config.file=am.yml", "--storage.path=am", f"--web.listen-address=127.0.0.1:{at}")
    server = ("--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", f"--web.listen-address=127.0.0.1:{asks}")
    again = "--rules.alert.resend-delay=1s"  # what fires before Alertmanager is found is sent again soon
    async with (
        running(tmp_path, alertmanager, *manager, "--cluster.listen-address="),
        running(tmp_path, prometheus, *server, again),
    ):
        incident = await here.alone()
    assert incident["type"] == "high-error-rate"
    assert incident["severity"] == "P1"
    opened = (await here.get(f"/api/v1/incidents/{incident['id']}")).json()
    assert "the alert names the incident type “high-error-rate”" in opened["because"][0]["text"]
