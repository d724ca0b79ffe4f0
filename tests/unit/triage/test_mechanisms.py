"""What matching rests on besides words: what is denied, over or elsewhere, proportions, and numbers of any kind."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.amounts import amounts
from tocsin.triage.kinship import relations
from tocsin.triage.matching import match
from tocsin.triage.metrics import metrics, unit_of
from tocsin.triage.proportions import multiples, proportions
from tocsin.triage.readings import readings
from tocsin.triage.standing import fended_off, sounds_like_trouble, standing
from tocsin.triage.topics import heard
from tocsin.triage.words import stem, words
from unit.triage.conftest import spoken

Make = Callable[..., Alert]
Build = Callable[..., Runbook]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("heap is fine on all workers", "memory"),
        ("this is not a flood", "flood"),
        ("no errors since noon", "errors"),
        ("database idle, cpu idle", "database"),
        ("the slo was breached again", "breach"),
    ],
)
def test_what_a_text_denies_or_means_otherwise_is_not_spoken_of(text: str, topic: str) -> None:
    assert topic not in spoken(text)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("traffic far above normal, a wall of requests", "flood"),
        ("the heap is not fine, it leaks", "memory"),
        ("pages slower than usual", "slow"),
        ("a stranger downloaded the payroll records", "breach"),
        ("our signing token was pasted on a forum", "breach"),
        ("der Dienst antwortet nicht mehr", "down"),
        ("les clients disent que tout est très lent", "slow"),
    ],
)
def test_families_of_words_and_other_languages_speak_of_a_topic(text: str, topic: str) -> None:
    assert topic in spoken(text)


@pytest.mark.parametrize(
    ("text", "share"),
    [("one of forty uploads", 2.5), ("3.6G of 4G", 90), ("every tenth call", 10), ("12 out of 48 replicas", 25)],
)
def test_proportions_are_read_as_people_write_them(text: str, share: float) -> None:
    found = proportions(text)[0]
    assert 100 * found.part / found.whole == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("forty times the usual number of hits", 40),
        ("90,000 requests a minute, normally 3,000", 30),
        ("200-mal so viele Anfragen", 200),
        ("通常の三十倍", 30),
    ],
)
def test_multiples_are_read_as_people_write_them(text: str, times: float) -> None:
    assert multiples(text)[0].times == pytest.approx(times)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("200: 900, 503: 100", "errors", 10),
        ("502: 640, 504: 60, 200: 0", "alive", 0),
        ("up == 0 for the job", "alive", 0),
        ("2% of memory available", "memory", 98),
        ("one of fifty requests fails", "errors", 2),
        ("connections 99 of 100 in the pool", "pool", 99),
    ],
)
def test_numbers_are_read_with_what_they_measure(text: str, kind: str, value: float) -> None:
    found = {reading.kind: reading.value for reading in readings(text, {})}
    assert found[kind] == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "Le service est de nouveau disponible",
        "Störung behoben, alles läuft",
        "checkout fast again since the index",
        "rehearsal of the failover",
        "the cluster in the test environment is broken",
        "障害は復旧しました",
        "who is on call tonight?",
    ],
)
def test_what_is_over_elsewhere_or_only_talk_is_no_incident(text: str) -> None:
    assert standing(text, {}, "")


@pytest.mark.parametrize(
    "text", ["heap usage is over 90%", "it was resolved last time but came back", "api not resolved yet", "up == 0"]
)
def test_what_only_sounds_over_is_not(text: str) -> None:
    assert standing(text, {}, "") is None


def test_the_namespace_says_where_it_happened() -> None:
    found = standing("HighErrorRate", {"namespace": "qa"}, "")
    assert found is not None
    assert found.certain
    assert standing("HighErrorRate", {"namespace": "prod-eu", "cluster": "qa-tools"}, "") is not None
    assert standing("HighErrorRate", {"environment": "production", "namespace": "qa"}, "") is None


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("4,000 login attempts, all rejected", True),
        ("brute force on the console", True),
        ("after 4,000 attempts a login succeeded", False),
        ("injection attempt returned the customers table", False),
        ("probes blocked, 0 successful", True),
    ],
)
def test_attempts_count_only_when_one_got_through(text: str, *, stopped: bool) -> None:
    assert bool(fended_off(text)) is stopped


def test_a_threshold_of_any_subject_is_held_by_its_own_words(made_of: Build, alert: Make) -> None:
    runbook = made_of(
        {
            "Loom Jams": ["Thread tension > 40 units", "Shuttle stuck"],
            "Kiln Overheats": ["Kiln temperature > 1250 degrees"],
            "Orders Pile Up": ["Order backlog > 2000"],
        }
    )
    assert match(alert("kiln temperature 1310 on line 2"), runbook, {}).incident_type == "kiln-overheats"
    assert match(alert("order backlog 2.5k"), runbook, {}).incident_type == "orders-pile-up"
    within = match(alert("order backlog 900"), runbook, {})
    assert within.incident_type is None
    assert any("900" in why.text and why.line for why in within.because)


def test_numbers_keep_the_words_they_stand_among() -> None:
    found = {amount.quote: amount for amount in amounts("tick time 88 ms, players fine", {"queue depth": "12"})}
    assert found["88 ms"].unit == "ms"
    assert {"tick"} <= found["88 ms"].near
    assert {"queu", "depth"} <= found["queue depth: 12"].near


def test_an_outage_outweighs_its_errors_unless_only_a_part_fails(example: Runbook, alert: Make) -> None:
    assert match(alert("service down, errors everywhere"), example, {}).incident_type == "sequencer-down"
    assert match(alert("some requests fail with 500, others work"), example, {}).incident_type == "high-error-rate"


def test_few_users_are_no_outage_but_a_taken_account_is_one_all_the_same(example: Runbook, alert: Make) -> None:
    few = {"users": "2", "events": "2"}
    assert match(alert("TypeError in the footer", details=few), example, {}).incident_type is None
    assert match(alert("account hijacked by a stranger", details=few), example, {}).incident_type == "data-breach"


def test_the_products_name_in_every_entry_tells_nothing(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Orchard Down": ["Orchard health check failing"], "Orchard Memory": ["Orchard heap grows"]})
    assert match(alert("orchard anniversary party"), runbook, {}).incident_type is None


@pytest.mark.parametrize(
    ("details", "incident_type"),
    [
        ({"error_pct": "0.3"}, None),
        ({"error_pct": "2.5"}, "high-error-rate"),
        ({"requests": "9000", "failed_requests": "9000"}, "sequencer-down"),
        ({"requests": "9000", "failed_requests": "450"}, "high-error-rate"),
        ({"memory_usage": "3.9GiB", "memory_limit": "4GiB"}, "out-of-memory"),
        ({"memory_usage": "1.1GiB", "memory_limit": "4GiB"}, None),
        ({"connections_used": "198", "connections_max": "200"}, "database-slow-queries"),
        ({"connections_used": "40", "connections_max": "200"}, None),
        ({"healthy_targets": "5", "unhealthy_targets": "0"}, None),
        ({"probe_success": "1"}, None),
        ({"status": "missing"}, "sequencer-down"),
        ({"p95_s": "2.2"}, "database-slow-queries"),
    ],
)
def test_details_are_read_by_their_names_and_by_what_stands_beside_them(
    details: dict[str, str], incident_type: str | None, example: Runbook, alert: Make
) -> None:
    assert match(alert("a reading", details=details), example, {}).incident_type == incident_type


SHOP = {
    "Checkout unavailable": ["No orders for 10 minutes", "Payment requests time out"],
    "Certificate about to expire": ["TLS certificate expires in less than 14 days"],
    "Transcoder backlog": ["More than 200 jobs wait for a transcoder"],
    "Login broken": ["Sign-in success rate below 95%", "Users are logged out unexpectedly"],
    "Playback failure": ["Video start failures > 2%"],
    "Disk almost full": ["Disk usage > 90%"],
}


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("No orders received since 09:12", "checkout-unavailable"),
        ("Payment requests timing out", "checkout-unavailable"),
        ("POST /payment timed out", "checkout-unavailable"),
        ("Certificate is valid for another 5 days", "certificate-about-to-expire"),
        ("Certificate is valid for another 64 days", None),
        ("950 transcoding jobs waiting", "transcoder-backlog"),
        ("Login success rate 71%", "login-broken"),
        ("Log-in success rate 99.2%", None),
        ("Everyone was signed out unexpectedly", "login-broken"),
        ("Only 900 MB of 200 GB disk left on db-1", "disk-almost-full"),
        ("Printer of the office offline", None),
        ("qa: checkout unavailable", None),
    ],
)
def test_words_that_mean_the_same_meet_in_any_document(
    made_of: Build, alert: Make, text: str, entry: str | None
) -> None:
    assert match(alert(text), made_of(SHOP), {}).incident_type == entry


def test_a_time_beside_a_limit_is_no_part_of_it() -> None:
    assert [(found.part, found.whole) for found in proportions("grew within 2 h, limit 4 GB")] == []
    [found] = proportions("to 3.9 GB within 2 h, limit 4 GB")
    assert found.part / found.whole == pytest.approx(3.9 / 4)


def test_a_metric_says_by_its_name_what_its_number_counts() -> None:
    text = 'belt_offset_seconds{belt="7"} 0.012 and belt_torn_ratio = 0.25, sacks_total 1.8e+06, lift_seconds p95 = 0.4'
    assert metrics(text) == {
        "belt_offset_seconds": "0.012",
        "belt_torn_ratio": "0.25",
        "sacks_total": "1800000",
        "lift_seconds": "0.4",
    }
    assert [unit_of(name) for name in ("belt_offset_seconds", "belt_torn_ratio", "sacks_total")] == ["s", "ratio", ""]


MILL = {
    "Belt drift": ["Offset of a belt exceeds 2 seconds", "Sacks arrive late"],
    "Hopper blocked": ["Evictions per second > 500", "More than 8% of sacks are torn"],
    "Nightly milling late": ["Nightly milling not finished by 06:00", "No ore or grist messages"],
}


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('belt_offset_seconds{belt="7"} 3.4', "belt-drift"),
        ('belt_offset_seconds{belt="7"} 0.2', None),
        ("sacks_torn_ratio 0.11", "hopper-blocked"),
        ("sacks_torn_ratio 0.01", None),
        ("eviction rate 900/s on hopper 4", "hopper-blocked"),
        ("eviction rate 90/s on hopper 4", None),
        ("no grist messages since 09:12", "nightly-milling-late"),
        ("the nightly milling was delayed again, sacks arriving late", "nightly-milling-late"),
        ("nightly milling finished successfully", None),
        ("belt 7 renewed", None),
        ("Belt 9 goes to the museum", None),
    ],
)
def test_a_document_of_its_own_subject_is_matched_by_its_numbers_and_by_relatives_of_its_words(
    made_of: Build, alert: Make, text: str, entry: str | None
) -> None:
    assert match(alert(text), made_of(MILL), {}).incident_type == entry


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("eviction", "evicted", True),
        ("delayed", "late", True),
        ("duplicate", "duplication", True),
        ("hopper", "belt", False),
    ],
)
def test_relatives_are_words_of_one_root_or_of_one_meaning(one: str, other: str, alike: bool) -> None:
    assert bool(set(relations(stem(one))) & set(relations(stem(other)))) is alike


def test_every_call_that_fails_is_an_outage_and_calls_of_one_kind_are_not() -> None:
    assert any(found.kind == "alive" for found in readings("503 for every request since noon", {}))
    assert not any(found.kind == "alive" for found in readings("503 for every request to /export", {}))


def test_a_share_is_no_number_of_requests() -> None:
    [found] = readings("error rate on POST /mill is 0.4%", {})
    assert (found.kind, found.value) == ("errors", 0.4)


def test_the_room_left_on_a_disk_is_no_memory() -> None:
    assert {found.kind for found in readings("DISK CRITICAL - free space: / 912 MB (3%)", {})} <= {"disk"}


@pytest.mark.parametrize(
    "text",
    [
        "500s on a third of all calls since the release was deployed successfully",
        "502 rate 30% since the proxy was upgraded successfully",
        "Service alert: users cannot sign up - 503",
        "Host alert: load goes up: queries take 12 s",
        "errors went from 10 to up to 400 per minute",
        "state went from errored to running 40 times in 5 minutes",
        "8 of 10 workers dead, only 2 recovered.",
        "the till hasn't recovered after its restart",
        "nobody recovered in 10 minutes",
        "the till recovered from a crash 14 times in 10 minutes",
        "orders completed: 0.3%",
        "only a single client can connect, all others get 503",
        "one user in three sees an error",
        "it is us-east-1 that does not answer",
        "review-service does not answer",
        "the port is closed again",
        "kiln did not come online after 5 minutes",
        "pods not ready within 300 seconds",
        "a login from abroad needs review",
        "all of them fail, nothing is good",
        "everything healthy in the north, the south is unreachable",
        "memory looks fine. kiln down",
    ],
)
def test_what_goes_on_is_not_excused_by_a_word_of_its_end(text: str) -> None:
    assert standing(text, {}, "") is None


@pytest.mark.parametrize(
    "text",
    [
        "Host alert: till-3 is UP",
        "PROBLEM gone. SERVICE NOTIFICATION: till/http is OK",
        "the backup ran successfully",
        "the till has recovered.",
        "state went from red to green",
        "1 user sees an error",
    ],
)
def test_what_is_over_done_or_rare_says_so(text: str) -> None:
    assert standing(text, {}, "") is not None


YARD = {
    "Crane Stopped": ["Crane does not answer", "Load display dark"],
    "Gate Offline": ["Gate answers with code 7731", "Trucks wait outside"],
    "Weighbridge Errors": ["Weighing fails > 2%", "Tickets without a weight"],
    "Fuel Cost Too High": ["Daily fuel cost > 3x the average"],
}


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("gate does not answer", "gate-offline"),
        ("crane does not answer", "crane-stopped"),
        ("trucks see 7731 again", "gate-offline"),
        ("the display of the load went black", "crane-stopped"),
        ("weighing fails 0.4%, tickets printed", None),
        ("weighing fails 6%", "weighbridge-errors"),
        ("spending on fuel exploded", "fuel-cost-too-high"),
        ("crane painted yellow", None),
    ],
)
def test_trouble_that_anything_may_have_belongs_to_the_entry_whose_subject_is_named(
    made_of: Build, alert: Make, text: str, entry: str | None
) -> None:
    assert match(alert(text), made_of(YARD), {}).incident_type == entry


def test_what_keeps_its_limits_speaks_for_no_other_entry(made_of: Build, alert: Make) -> None:
    runbook = made_of(
        {"Pump Dry": ["Pump pressure < 2 bar"], "Pump Noisy": ["Pump pressure swings", "Noise in hall 2"]}
    )
    found = match(alert("pump pressure 5 bar"), runbook, {})
    assert found.incident_type is None
    assert match(alert("pump pressure swings, hall 2"), runbook, {}).incident_type == "pump-noisy"


def test_two_entries_about_as_close_are_both_named(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Lock Stuck": ["Lock 4 stuck"], "Sluice Stuck": ["Sluice 4 stuck"]})
    found = match(alert("lock and sluice stuck"), runbook, {})
    assert found.incident_type == "sluice-stuck"
    assert any("Lock Stuck is about as close" in why.text and why.line == 10 for why in found.because)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("le taux d'erreur augmente", "errors"),
        ("a token was used from abroad", "breach"),
        ("from 300 addresses, login page asked", None),
        ("refactoring of error handling", None),
    ],
)
def test_the_words_of_a_phrase_stand_in_their_order_and_elided_ones_are_read(text: str, topic: str | None) -> None:
    plainly = {hit.topic for hit in heard(text).hits if hit.strength > 0.5}
    assert plainly & {"errors", "breach"} == ({topic} if topic else set())


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("45,000 hits a second", "requests", 45_000, "/s"),
        ("600k new connections per minute", "requests", 10_000, "/s"),
        ("orders accepted 0/min", "alive", 0, ""),
        ("traffic multiplied by thirty", "requests", 30, "x"),
        ("a spike of requests, 40x baseline from AS64500", "requests", 40, "x"),
        ("visits 90000 vs avg_7d 3000", "requests", 30, "x"),
    ],
)
def test_rates_and_multiples_are_read_with_what_they_measure(text: str, kind: str, value: float, unit: str) -> None:
    assert (kind, value, unit) in {(found.kind, found.value, found.unit) for found in readings(text, {})}


@pytest.mark.parametrize("text", ["errors 0/min", "the export was called 300 times"])
def test_no_errors_are_no_outage_and_a_count_is_no_multiple(text: str) -> None:
    assert readings(text, {}) == ()


@pytest.mark.parametrize(
    ("text", "excused"),
    [
        ("queue depth 3, all good", True),
        ("all good but the checkout is down", False),
        ("migration completed, 0 errors", True),
        ("migration completed, 12 errors", False),
        ("alarm went back to OK", True),
        ("the printer of the office is on fire", True),
        ("PR 12 makes the checkout slower", True),
        ("slower since PR 12", False),
    ],
)
def test_what_is_well_is_excused_unless_something_is_not(text: str, *, excused: bool) -> None:
    assert bool(standing(text, {}, "")) is excused


def test_a_place_that_the_document_speaks_of_is_not_elsewhere(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Results Late": ["Lab results arrive late"]})
    assert match(alert("results from the lab are late"), runbook, {}).incident_type == "results-late"


def test_a_database_whose_processor_is_busy_is_a_database_in_trouble(example: Runbook, alert: Make) -> None:
    assert match(alert("postgres machine: cpu load 60"), example, {}).incident_type == "database-slow-queries"
    assert match(alert("build agent: cpu load 60"), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("minio is down", None),
        ("the api is down", "sequencer-down"),
        ("sequencer is down, minio too", "sequencer-down"),
        ("minio: customer records leaked on a paste site", "data-breach"),
        ("cassandra memory underutilized for a week", None),
        ("public_key of a peer unknown", None),
        ("HealthCheckStatus 0", "sequencer-down"),
        ("processor of postgres idle 1%, cpu load", "database-slow-queries"),
    ],
)
def test_common_trouble_of_a_part_that_no_entry_names_is_none_of_theirs(
    example: Runbook, alert: Make, text: str, entry: str | None
) -> None:
    assert match(alert(text), example, {}).incident_type == entry


def test_details_are_read_by_the_capitals_of_their_names(example: Runbook, alert: Make) -> None:
    assert match(alert("sample", details={"HealthyHostCount": "0"}), example, {}).incident_type == "sequencer-down"
    down = {"metric": "up", "value": "0"}
    assert match(alert("sample", details=down), example, {}).incident_type == "sequencer-down"
    assert match(alert("sample", details=down | {"value": "1"}), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("signed in from nowhere", "breach"),
        ("connection to the kiln timed out", "down"),
        ("zero healthy kilns", "down"),
        ("thousands of IPs", "flood"),
        ("KilnApi5xxRateHigh", "errors"),
    ],
)
def test_phrases_are_cut_into_words_like_texts(text: str, topic: str) -> None:
    assert topic in spoken(text)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("bell rings 44 per hour", "bell-rings-too-often"),
        ("bell rings 3 per hour", None),
        ("bell rings 2 per minute", "bell-rings-too-often"),
        ("we plan to change the bell", None),
    ],
)
def test_a_limit_by_the_hour_is_held_by_any_time(made_of: Build, alert: Make, text: str, entry: str | None) -> None:
    runbook = made_of({"Bell Rings Too Often": ["Bell rings > 20 per hour"], "Tower Dark": ["Lamp in the tower dark"]})
    assert match(alert(text), runbook, {}).incident_type == entry


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("every page takes forty seconds to load", 40),
        ("jede Seite braucht fünf Sekunden", 5),
        ("la pantalla tarda medio minuto", 30),
        ("страница открывается двадцать секунд", 20),
    ],
)
def test_how_long_an_answer_takes_is_read_in_words(text: str, seconds: float) -> None:
    assert [reading.value for reading in readings(text, {}) if reading.kind == "latency"] == [seconds]


def test_a_number_behind_a_name_says_which_and_not_how_many() -> None:
    assert [amount.value for amount in amounts("pump 3 stopped, pressure 12 units", {})] == [12]
    assert [amount.value for amount in amounts("pump at 3 units", {})] == [3]


@pytest.mark.parametrize(("text", "value"), [("signal -91 dBm", -91), ("signal at minus 91 dBm", -91), ("4-5 dBm", 4)])
def test_numbers_below_zero_are_read(text: str, value: float) -> None:
    assert [amount.value for amount in amounts(text, {})] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "we will switch the relay off on purpose at ten",
        "I am going to restart it, expect a few seconds of errors",
        "what should we do if the vault is ever broken into?",
        "a client would like to know how many calls he may make",
        "OPS-41 was closed: slow export",
        "Der Angriff ist vorbei",
        "la panne est terminée",
        "voltou a funcionar",
        "the docker build runs out of memory",
        "wifi in the Porto office is slow",
    ],
)
def test_what_is_planned_asked_or_done_is_no_incident(text: str) -> None:
    assert standing(text, {}, "")


@pytest.mark.parametrize(
    "text",
    [
        "every fifth import ended with an exception",
        "three times the calls of last week's peak",
        "yesterday's bookings are gone",
        "the retry is not working as intended",
    ],
)
def test_what_only_sounds_planned_or_done_is_not(text: str) -> None:
    assert standing(text, {}, "") is None


def test_only_an_apostrophe_makes_a_not() -> None:
    assert not sounds_like_trouble("the internet cafe")
    assert sounds_like_trouble("the printer won\u2019t")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("所有接口都没有反应", "down"),
        ("堆内存快满了", "memory"),
        ("流量涨到平时的十倍", "flood"),
        ("顧客の情報が外部に出ています", "breach"),
        ("화면이 뜨는 데 너무 오래 걸려요", "slow"),
        ("nadie puede entrar en la plataforma", "down"),
        ("die Abfragen stauen sich", "database"),
        ("кто-то скачал таблицу клиентов", "breach"),
    ],
)
def test_a_subject_and_what_befell_it_speak_of_a_topic_in_other_languages(text: str, topic: str) -> None:
    assert topic in spoken(text)


def test_what_there_is_nothing_of_is_denied() -> None:
    assert "slow" not in spoken("nothing slow here")
    assert "down" in spoken("nothing works any more")


def test_a_detail_that_should_be_alive_and_is_not_is_read_with_its_name(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Ledger Down": ["Ledger answers nothing"], "Vault Down": ["Vault answers nothing"]})
    assert match(alert("scrape", details={"vault_up": "0"}), runbook, {}).incident_type == "vault-down"


def test_what_a_symptom_quotes_is_found_word_by_word(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Feed Stopped": ["The panel shows “No Carrier”"], "Belt Torn": ["Belt sensor dark"]})
    found = match(alert("unit 4: no carrier"), runbook, {})
    assert found.incident_type == "feed-stopped"
    assert "“No Carrier”" in found.because[0].text


def test_a_threshold_below_zero_is_held_to_numbers_below_zero(made_of: Build, alert: Make) -> None:
    runbook = made_of({"Cabinet Too Warm": ["Cabinet temperature above -20 degrees"], "Gate Open": ["Gate is open"]})
    assert match(alert("cabinet 2 temperature -24.5"), runbook, {}).incident_type is None
    assert match(alert("cabinet 2 temperature -11.5"), runbook, {}).incident_type == "cabinet-too-warm"


@pytest.mark.parametrize("text", ["요청이 실패합니다. 배포 직후부터", ". 倍", "..배", "一百倍", "3.5.배"])
def test_signs_for_times_without_a_number_are_no_multiple(text: str) -> None:
    assert {one.times for one in multiples(text)} <= {100, 5}


@pytest.mark.parametrize(
    ("text", "times"),
    [("das Dreißigfache an Aufrufen", 30), ("cuarenta veces más visitas", 40), ("в сорок раз больше", 40)],
)
def test_multiples_are_read_in_words_of_other_languages(text: str, times: float) -> None:
    assert multiples(text)[0].times == times


@pytest.mark.parametrize(
    ("named", "kind", "value"),
    [
        ({"passed": "90", "failed": "10"}, "errors", 10),
        ({"ok": "0", "err": "7"}, "alive", 0),
        ({"mbps": "900", "avg_7d_mbps": "30"}, "requests", 30),
        ({"rows": "50000", "p95_rows": "500"}, "rows", 100),
    ],
)
def test_details_that_belong_together_are_read_together(named: dict[str, str], kind: str, value: float) -> None:
    assert {reading.kind: reading.value for reading in readings("", named)}[kind] == pytest.approx(value)


def test_a_statistic_of_something_else_is_no_usual_number_of_requests() -> None:
    named = {"avg": "2.5", "requests": "9000"}
    assert not [reading for reading in readings("render_time_seconds", named) if reading.kind == "requests"]


def test_nothing_served_is_nothing_alive() -> None:
    assert [reading.kind for reading in readings("orders accepted: 0 since noon", {})] == ["alive"]
    assert not readings("orders accepted: 0.9 of all", {})


def test_a_number_that_only_looks_like_a_status_speaks_of_no_error(example: Runbook, alert: Make) -> None:
    assert match(alert("pulse", details={"t30": "503"}), example, {}).incident_type is None
    assert match(alert("pulse", details={"status": "503"}), example, {}).incident_type is not None


def test_the_zero_of_a_name_counts_nothing() -> None:
    assert "down" not in spoken("relay-0 moved to another node")
    assert "down" in spoken("0 nodes")


@pytest.mark.parametrize(
    "text", ["maintenance tonight at ten", "the portal will be down for five minutes", "relay ready again in 4 s"]
)
def test_what_is_announced_or_back_is_no_incident(text: str) -> None:
    assert standing(text, {}, "")


def test_a_share_that_is_solved_is_not_over() -> None:
    assert standing("puzzles solved 0.2 %", {}, "") is None


def test_trouble_of_somebody_elses_service_is_no_incident_unless_it_hurts_ours() -> None:
    assert standing("Parcel API: delays, under investigation by the provider", {}, "")
    assert standing("Parcel API is experiencing errors", {}, "statuspage")
    assert standing("Parcel API is experiencing errors, our orders fail", {}, "statuspage") is None


def test_the_name_of_a_finding_speaks_of_a_breach(example: Runbook, alert: Make) -> None:
    assert match(alert("Stealth:Account/TrailOff"), example, {}).incident_type == "data-breach"
    assert match(alert("Policy: account rules"), example, {}).incident_type is None


def test_no_success_of_attempts_is_no_outage(example: Runbook, alert: Make) -> None:
    tried = alert("failed logins", details={"count": "40", "success": "0"})
    assert match(tried, example, {}).incident_type is None


@pytest.mark.parametrize(
    "text",
    [
        "raised the threshold of the depth alert",
        "correction: the meter never went down",
        "the strange transfer was me",
        "my wifi is slow",
    ],
)
def test_what_somebody_takes_back_or_changes_is_talk(text: str) -> None:
    assert standing(text, {}, "")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("prod is kaput", "down"),
        ("the portal has gone dark", "down"),
        ("importer bombs on a slice of the calls", "errors"),
        ("everything queues behind one report", "database"),
        ("the worker is ballooning, down to 90 megs free", "memory"),
        ("an onslaught of requests", "flood"),
        ("I see another person's invoices", "breach"),
        ("the archive is downloadable without credentials", "breach"),
    ],
)
def test_what_people_call_trouble_speaks_of_its_topic(text: str, topic: str) -> None:
    assert topic in spoken(text)


def test_down_to_a_number_is_not_down() -> None:
    assert "down" not in spoken("down to 90 megs")
    assert "down" in spoken("traffic is down to 0")


@pytest.mark.parametrize(
    ("text", "named", "kind", "value"),
    [
        ("last order processed 40 min ago", {}, "alive", 0),
        ("members", {"ejected": "3", "total": "3"}, "alive", 0),
        ("tills", {"now_rps": "90", "baseline_rps": "30"}, "requests", 3),
        ("availability", {"current": "97.5", "objective": "99.9"}, "errors", 2.5),
        ("render statement", {"mean_ms": "4200"}, "latency", 4.2),
        ("ledger", {"longest_transaction_seconds": "900"}, "latency", 900),
        ("DatabaseConnections", {"value": "30", "max_connections": "120"}, "pool", 25),
        ("volume of errors", {"errors_1h": "900", "errors_prev_1h": "3"}, "errors", 300),
    ],
)
def test_details_are_read_by_their_names_and_their_neighbours(
    text: str, named: dict[str, str], kind: str, value: float
) -> None:
    said = "\n".join((text, *(f"{key}: {amount}" for key, amount in named.items())))
    assert value in [pytest.approx(reading.value) for reading in readings(said, named) if reading.kind == kind]


@pytest.mark.parametrize(
    "text", ["last order processed 2 min ago", "token age 900 seconds", "last backup of orders 40 min ago"]
)
def test_what_was_lately_or_only_grows_old_is_not_read_so(text: str) -> None:
    assert not [reading for reading in readings(text, {}) if reading.kind in {"alive", "latency"}]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Datenbankverbindungen blockiert", "database"),
        ("Speicherfresser: voll", "memory"),
        ("nur noch Serverfehler", "errors"),
    ],
)
def test_words_put_together_are_taken_apart(text: str, topic: str) -> None:
    assert topic in spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        "report closed as not applicable",
        "the error has disappeared",
        "export time is back to 40 ms",
        "reindex complete: 40 files",
        "screen of the conference room is frozen",
    ],
)
def test_what_is_closed_gone_or_beside_is_no_incident(text: str) -> None:
    assert standing(text, {}, "")


def test_what_coincides_with_something_has_it_as_its_cause(example: Runbook, alert: Make) -> None:
    said = alert("short outages that coincide; each coincides with the kernel shooting a worker that ate its memory")
    assert match(said, example, {}).incident_type == "out-of-memory"


def test_what_is_denied_in_one_clause_is_not_denied_in_the_next() -> None:
    assert "memory" in spoken("no replies, heap at its limit")
    assert "slow" not in spoken("no slow pages")


def test_an_idiom_says_what_it_says_in_its_order_only() -> None:
    assert "errors" not in spoken("error reporting is enabled")
    assert "errors" in spoken("members report frequent errors")


@pytest.mark.parametrize(
    ("text", "stopped"),
    [("0 of 2,100 sign-in attempts got in", True), ("one of 2,100 sign-in attempts got in, then logged in", False)],
)
def test_attempts_none_of_which_succeeds_got_nowhere(text: str, stopped: bool) -> None:
    assert bool(fended_off(text)) is stopped


@pytest.mark.parametrize(("one", "other"), [("запроса", "запросами"), ("отвечает", "отвечают"), ("ещё", "еще")])
def test_forms_of_a_word_in_cyrillic_are_one(one: str, other: str) -> None:
    first, second = words(one), words(other)
    assert first[0].stem == second[0].stem


def test_a_number_past_its_threshold_says_more_than_steps_that_are_green(example: Runbook, alert: Make) -> None:
    assert match(alert("journey response time 8 s, all steps green"), example, {}).incident_type is not None
    assert match(alert("journey response time 0.4 s, all steps green"), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("named", "kind", "value"),
    [
        ({"last_minute": "600", "usual_minute": "20"}, "requests", 30),
        ({"now_rps": "900", "same_hour_last_week_rps": "300"}, "requests", 3),
        ({"good": "90", "bad": "10"}, "errors", 10),
        ({"memory_used_mib": "500", "memory_reserved_mib": "1000"}, "memory", 50),
        ({"checks": "40", "passed": "0"}, "alive", 0),
    ],
)
def test_what_is_usual_reserved_or_passed_is_read(named: dict[str, str], kind: str, value: float) -> None:
    found = {reading.kind: reading.value for reading in readings("rate limiter", named)}
    assert found[kind] == pytest.approx(value)


def test_calls_that_read_data_are_no_traffic() -> None:
    found = readings("GetObject", {"calls": "9000", "usual_calls": "30"})
    assert {(reading.kind, reading.value) for reading in found} == {("rows", 300)}


def test_whoever_writes_of_work_opens_nothing_but_a_breach(example: Runbook, alert: Make) -> None:
    assert match(alert("tune the slow query", origin="github"), example, {}).incident_type is None
    assert match(alert("signing key leaked in a public commit", origin="github"), example, {}).incident_type


def test_a_crowd_of_senders_is_a_flood(example: Runbook, alert: Make) -> None:
    assert match(alert("answers refused to 40k distinct clients"), example, {}).incident_type == "ddos-attack"
    assert match(alert("letters sent to 40 addresses"), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("text", "topic", "is_spoken"),
    [
        ("many errors reported today", "errors", True),
        ("error reporting is enabled", "errors", False),
        ("there is no relay process running", "down", True),
    ],
)
def test_an_idiom_is_no_other_form_of_its_words(text: str, topic: str, is_spoken: bool) -> None:
    assert (topic in spoken(text)) is is_spoken


def test_who_sees_what_is_somebody_elses_is_a_breach(example: Runbook, alert: Make) -> None:
    said = "tenant north opens the invoices of tenant south"
    assert match(alert(said), example, {}).incident_type == "data-breach"
    assert match(alert("tenant north opens the invoices of tenant north"), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("text", "named", "kind", "value"),
    [
        ("intake", {"received": "900", "processed": "0"}, "alive", 0),
        ("pool members", {"active": "0", "failed": "2"}, "alive", 0),
        ("calls went from 300 to 9k", {}, "requests", 30),
        ("now 7,500 rps", {}, "requests", 7500),
    ],
)
def test_what_comes_and_goes_is_counted(text: str, named: dict[str, str], kind: str, value: float) -> None:
    assert value in [reading.value for reading in readings(text, named) if reading.kind == kind]


def test_the_name_of_a_rate_is_no_flood(example: Runbook, alert: Make) -> None:
    assert match(alert("timings", details={"rps": "280"}), example, {}).incident_type is None
    assert match(alert("timings of 52k rps"), example, {}).incident_type == "ddos-attack"


def test_what_is_normal_again_is_over_unless_it_is_so_many_times_normal() -> None:
    assert standing("render times normal again", {}, "")
    assert standing("40 times normal again", {}, "") is None


def test_the_last_digits_of_a_name_are_no_value() -> None:
    assert metrics("render_time_p95\nvalue: 0.2") == {}
    assert metrics("render_time_p95 0.2") == {"render_time_p95": "0.2"}


@pytest.mark.parametrize(("value", "kind", "read"), [("0.3", "latency", 0.3), ("183.4", "latency", None)])
def test_a_time_without_a_unit_is_of_seconds_where_it_has_a_fraction(value: str, kind: str, read: float | None) -> None:
    found = {reading.kind: reading.value for reading in readings("latency", {"latency_p99": value})}
    assert found.get(kind) == read
