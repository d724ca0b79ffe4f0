"""The rules about reading a document (RB0xx) and about what is written for Tocsin in it (RB3xx)."""

from tocsin.runbook.rule import Rule, shell

OF_READING: dict[str, Rule] = {
    "RB001": Rule(
        "wrongly decoded characters were repaired",
        "warning",
        "Text that was saved in one encoding and read in another shows odd letters where an arrow or a quote was "
        "meant. They are repaired in memory, line by line; the file stays as it is.",
        "Somebody copies a command whose dash became three letters, and the shell says that there is no such option.",
        "Save the document as UTF-8 with the repaired characters.",
        "# Shop\n\n## Till down (P1)\n\n**Escalation**: not resolved in 20 min â†’ Shop owner\n",  # noqa: RUF001 - as files hold it
        "# Shop\n\n## Till down (P1)\n\n**Escalation**: not resolved in 20 min → Shop owner\n",
    ),
    "RB002": Rule(
        "a section is not understood",
        "info",
        "Neither its title nor its place says what part of an incident process it is. It is kept as notes and shown, "
        "but decides nothing.",
        "The step that would have helped is in the document, and nobody is shown it.",
        "Give it a title such as Symptoms, Diagnosis, Resolution, Escalation or Contacts if it is one of those.",
        "# Shop\n\n## Odds and ends\n\nThe spare key hangs behind the door.\n",
        "# Shop\n\n## Background\n\nThe spare key hangs behind the door.\n",
    ),
    "RB003": Rule(
        "two entries or steps have the same id",
        "error",
        "An alert opens an entry by its id, and people name a step by its own; with two of the same, one of them gets "
        "a number that can change.",
        'Two people talk about "restart" on the phone and mean different commands.',
        "Rename one heading or step, or give one an id: `<!-- tocsin:incident id=... -->`.",
        "## Till down (P1)\n\n**Fix**: restart it\n\n## Till down (P1)\n\n**Fix**: change the paper\n",
        "## Till down (P1)\n\n**Fix**: restart it\n\n## Till out of paper (P1)\n\n**Fix**: change the paper\n",
    ),
    "RB004": Rule(
        "something could not be looked at",
        "info",
        "With `--config`, programs, files, addresses and queries are looked at where they live. Something there did "
        "not answer in time, is not configured, or refused, so this part of the document is not proven.",
        "The database was restored without the view that the query needs, and the check that would have told was "
        "silently left out.",
        "Read the reason in the message: name the variable under `[targets.local]`, or check from a machine that "
        "reaches it.",
        shell("Diagnosis", 'psql "$LEDGER_URL" -X -c "SELECT count(*) FROM booking"'),
        '[targets.local.environment]\nLEDGER_URL = { env = "LEDGER_URL" }\n',
        elsewhere=True,
    ),
}

OF_ANNOTATIONS: dict[str, Rule] = {
    "RB301": Rule(
        "an annotation is not understood",
        "error",
        "A misspelt key would silently change nothing.",
        "The severity that was written in the annotation never counted, and nobody was paged at once.",
        "Correct the name; `tocsin check` lists what is allowed.",
        "<!-- tocsin:incident severty=P0 -->\n## Till down\n\n**Fix**: restart it\n",
        "<!-- tocsin:incident severity=P0 -->\n## Till down\n\n**Fix**: restart it\n",
    ),
    "RB302": Rule(
        "an annotation calls a command harmless that is not",
        "error",
        "What a person writes may make a judgement stricter, never looser: otherwise one wrong word lets a deletion "
        "run by itself. The stricter judgement holds.",
        "The claim is gone before anybody was asked, because the runbook said that the command only reads.",
        "Write the risk that the command has, or leave the annotation out.",
        "## Till down (P1)\n\n**Fix**:\n\n<!-- tocsin:step name=free risk=read -->\n```bash\n"
        "kubectl delete pvc till-cache\n```\n\nRollback: restore the claim from the nightly snapshot.\n\n"
        "Verify: the till prints.\n",
        "## Till down (P1)\n\n**Fix**:\n\n<!-- tocsin:step name=free risk=destructive -->\n```bash\n"
        "kubectl delete pvc till-cache\n```\n\nRollback: restore the claim from the nightly snapshot.\n\n"
        "Verify: the till prints.\n",
    ),
    "RB303": Rule(
        "an ignore comment has no effect",
        "error",
        "It names no code, or one that does not exist, or gives no reason. Whoever reads it next cannot tell whether "
        "the danger was weighed.",
        "A command that never ends was waved through by a comment that nobody can explain.",
        "Name the code and say why: `<!-- tocsin:ignore RB103 the reason -->`.",
        "<!-- tocsin:ignore RB103 -->\n" + shell("Diagnosis", "pm2 logs till"),
        "<!-- tocsin:ignore-file RB103 we watch it together on the big screen -->\n"
        + shell("Diagnosis", "pm2 logs till"),
    ),
    "RB304": Rule(
        "an ignore comment leaves nothing out",
        "warning",
        "What it was written for is gone. If the trouble comes back, it would hide it.",
        "A new command under an old comment is never looked at.",
        "Remove the comment.",
        "<!-- tocsin:ignore-file RB103 we watch it together -->\n" + shell("Diagnosis", "pm2 status till"),
        shell("Diagnosis", "pm2 status till"),
    ),
}
