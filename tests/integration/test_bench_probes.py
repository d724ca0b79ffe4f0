from integration.test_bench_ingest import told


def test_every_probe_is_looked_at_in_its_interval_and_every_alert_beside_becomes_a_page() -> None:
    found = told("probes", "--quick")
    assert found["probes"] == 100
    assert found["looks"] >= 100, found
    assert found["late_p50_s"] < 1.0
    assert found["pages_lost"] == 0
