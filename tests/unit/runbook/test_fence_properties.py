"""Fences put together at random from commands, prose and everything else that people put into them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.guard.shell import split
from tocsin.runbook.pieces import pieces
from unit.runbook.test_steps import read

COMMANDS = (
    "kubectl get pods -n shop",
    'psql $SHOP_DB -c "SELECT count(*) FROM \\"Order\\";"',
    "curl -s http://shop.example/health | jq .status",
    "cat <<'END' > /tmp/note\nDon't worry\n- it's text\nEND",
    'for n in 1 2; do\n  echo "$n"\ndone',
    "docker compose \\\n  -f shop.yml up -d",
    "journalctl -u shop --since '1 hour ago'",
    'drain() {\n  kubectl drain "$1"\n}',
    "kubectl get pods |\n  grep -v Running",
    "systemctl restart shop   # a warm restart",
)
PROSE = (
    "Don't restart the shop while it's open",
    "- [ ] Ring the shopkeeper",
    "2. Ask the shopkeeper for the key",
    "Look at the dashboard, then decide",
    "check that the doors are shut",
    "kill the lights and wait for the owner",
    "make sure nobody is inside",
    "Status: investigating",
    "2031-04-05 10:00:01 INFO shop opened",
    '{"shop": "north"}',
    "shop:",
    "├── north",
    "sum(rate(shop_errors_total[5m])) by (shop)",
    "/incident open the shop is dark",
    "@here the shop is dark",
    "SELECT * FROM orders;",
    "const shop = open()",
    "https://shop.example/board",
    "🔥 the shop is on fire",
    "shop-0    1/1     Running   0     3d",
    "if the shop is dark, light a candle",
    "wait for the owner (at most an hour)",
)
COMMENTS = ("# Look first", "# If the shop is dark", "# 1. CLOSE", "# ----------", "#", "# Don't panic")
LINES = st.lists(st.sampled_from((*COMMANDS, *PROSE, *COMMENTS, "", "   ", 'echo "open', "cat <<END")), max_size=12)


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_no_prose_is_ever_executable(lines: list[str]) -> None:
    prose = set(PROSE)
    for branch in read("\n".join(lines)):
        for step in branch.steps:
            told = step.kind == "command" and step.executable and step.source.split("\n")[0].strip() in prose
            assert not told, step


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_an_executable_command_is_one_that_was_written(lines: list[str]) -> None:
    """Not glued together from neighbours, and not cut short: whole commands only."""
    whole = {command.split("   #")[0] for command in COMMANDS}
    runs = [s.source for b in read("\n".join(lines)) for s in b.steps if s.kind == "command" and s.executable]
    opened = any(line in ('echo "open', "cat <<END") for line in lines)
    assert opened or set(runs) <= whole


@settings(max_examples=200, deadline=None)
@given(LINES, st.booleans())
def test_every_written_line_belongs_to_a_piece(lines: list[str], certain: bool) -> None:
    body = "\n".join(lines)
    found = pieces(body, certain=certain)
    covered = {number for piece in found for number in range(piece.line, piece.end_line + 1)}
    written = {number for number, line in enumerate(body.split("\n")) if line.strip()}
    assert written <= covered


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_a_statement_is_a_slice_of_the_fence(lines: list[str]) -> None:
    body = "\n".join(lines)
    for piece in pieces(body, certain=True):
        assert piece.kind == "comment" or piece.text in body
        if piece.kind == "statement":
            assert body.split("\n")[piece.line].lstrip().startswith(piece.text.split("\n")[0][:1])


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_splitting_a_statement_again_gives_it_back(lines: list[str]) -> None:
    for piece in pieces("\n".join(lines), certain=True):
        if piece.kind == "statement" and not piece.broken:
            assert [part.text for part in split(piece.text) if part.kind == "statement"] == [piece.text]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(("", "bash", "console", "sql", "text")))
def test_any_text_is_read_to_its_end(body: str, info: str) -> None:
    for branch in read(body.replace("\r", ""), info):
        for step in branch.steps:
            assert 1 <= step.line <= step.end_line
