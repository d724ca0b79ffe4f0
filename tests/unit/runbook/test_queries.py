"""The SQL inside shell commands, as the database sees it, with where it goes."""

import pytest

from tocsin.runbook.queries import queries_in


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ('psql "$TILL_DB" -c "SELECT 1;"', [("SELECT 1;", '"$TILL_DB"')]),
        ('psql $TILL_DB -c \'SELECT "Sale".id FROM "Sale"\'', [('SELECT "Sale".id FROM "Sale"', "$TILL_DB")]),
        ('psql -c "SELECT \\"Sale\\".id FROM \\"Sale\\""', [('SELECT "Sale".id FROM "Sale"', None)]),
        ('psql -U till -d sales -c "\n  SELECT 1;\n"', [("  SELECT 1;", "-U till -d sales")]),
        ("psql $TILL_DB <<'SQL'\nSELECT '$$';\nSQL", [("SELECT '$$';", "$TILL_DB")]),
        ("psql $TILL_DB <<SQL\nSELECT \\$1;\nSELECT 2;\nSQL", [("SELECT $1;\nSELECT 2;", "$TILL_DB")]),
        ("psql <<< 'SELECT 1'", [("SELECT 1", None)]),
        ("echo 'SELECT 1' | psql -h db", [("SELECT 1", "-h db")]),
        ("psql -c 'SELECT 1' -c 'SELECT 2'", [("SELECT 1", None), ("SELECT 2", None)]),
        ('kubectl exec -it db-0 -- psql -U till -c "SELECT 1"', [("SELECT 1", "-U till")]),
        ("docker exec db mysql -u root -e 'SHOW PROCESSLIST'", [("SHOW PROCESSLIST", "-u root")]),
        ("mysql --execute='SELECT 1' till", [("SELECT 1", "till")]),
        ("sudo -u postgres /usr/bin/psql --dbname=till --command='SELECT 1'", [("SELECT 1", "--dbname=till")]),
        ("psql -c 'SELECT 1' | head; psql -c 'SELECT 2'", [("SELECT 1", None), ("SELECT 2", None)]),
        ("psql -c \"SELECT 'Kälte'\"", [("SELECT 'Kälte'", None)]),
        ("psql $TILL_DB", []),
        ("psql -f check.sql", []),
        ("grep psql /var/log/till.log", []),
    ],
)
def test_what_is_sent_to_the_database(source: str, sent: list[tuple[str, str | None]]) -> None:
    assert [(query.text, query.target) for query in queries_in(source)] == sent
