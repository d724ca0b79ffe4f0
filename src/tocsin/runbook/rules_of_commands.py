"""The rules about commands and steps (RB1xx)."""

from tocsin.runbook.rule import Rule, entry, shell

_BACK = "\n**Rollback**: pm2 resurrect brings the saved list back.\n\n**Verify**: the till prints.\n"

OF_COMMANDS: dict[str, Rule] = {
    "RB101": Rule(
        "a placeholder is unbound",
        "error",
        "`PID`, `XXX`, `{{ name }}` or `[Name]` stand for a value that only the reader knows. As written, the command "
        "fails or hits something else, and the phone number reaches nobody.",
        "The command was pasted as it stands, and the database answers that there is no column called pid.",
        "Write the real value. Where it differs each time, leave the placeholder: the step asks for it when it is run.",
        shell("Fix", "kill PID"),
        shell("Fix", "pkill -x till"),
    ),
    "RB102": Rule(
        "a placeholder in angle brackets would be a redirection",
        "error",
        'A shell reads `<name>` as "read from name, write to what follows" and empties that file.',
        "The backup that was to be restored is the file that the paste emptied.",
        "Write the real value, or put the placeholder in quotes.",
        shell("Fix", "till-restore <backup.dump> prices"),
        shell("Fix", "till-restore /backup/latest.dump prices"),
    ),
    "RB103": Rule(
        "a command never comes back",
        "error",
        "It follows a log, redraws a screen or serves something, so the steps behind it never run and its output "
        "never ends.",
        "The prompt does not come back. Nobody knows whether it works, or waits, or hangs.",
        "Ask for a part instead of a stream: `pm2 logs api --nostream --lines 100`, `tail -n 100`, `top -b -n 1`.",
        shell("Diagnosis", "pm2 logs till"),
        shell("Diagnosis", "pm2 logs till --nostream --lines 100"),
    ),
    "RB104": Rule(
        "a command needs a terminal",
        "error",
        "Editors, pagers and interactive sessions wait for somebody to type; a run without a person hangs.",
        "An editor is open on the production configuration, and the person in front of it is on the phone.",
        "Use the form that prints and ends, or write the step as something a person does.",
        shell("Fix", "vim /etc/till.conf"),
        entry("**Fix**:\n\n- Set `printer = usb` in the till's configuration"),
    ),
    "RB105": Rule(
        "the shell cannot read a command",
        "error",
        "A quote or a bracket is left open, or a word of the shell stands where none may. The grammar and `bash -n` "
        "have to agree before anything is run.",
        "The shell shows `>` and waits for the closing quote. Everything pasted behind it becomes text.",
        "Try the fence with `bash -n` and correct what it names.",
        shell("Diagnosis", 'grep -c "422 /var/log/till/access.txt'),
        shell("Diagnosis", 'grep -c "422" /var/log/till/access.txt'),
        elsewhere=True,
    ),
    "RB106": Rule(
        "a shell fence holds only comments",
        "warning",
        "There is nothing to run in it: each comment is something a person does.",
        "The block looks like a script. Somebody runs it, and it says nothing, because it does nothing.",
        "Write it as a list outside the fence, so that it reads as a checklist.",
        shell("Fix", "# Open the drawer by hand\n# Write receipts on paper"),
        entry("**Fix**:\n\n1. Open the drawer by hand\n2. Write receipts on paper"),
    ),
    "RB107": Rule(
        "text in a shell fence",
        "error",
        "A list, a message or a drawing in a shell fence is taken for commands by everything that runs fences.",
        "The whole block was pasted, and the shell answers `command not found` thirty times; one line was a command.",
        "Take it out of the fence, or label the fence `text`.",
        shell("Fix", "- Tell the shops\n- Put the sign up"),
        entry("**Fix**:\n\n- Tell the shops\n- Put the sign up"),
    ),
    "RB108": Rule(
        "alternatives share a fence",
        "warning",
        '"If ...", "Or ..." and "Last resort" choose between commands. Run as a whole, the fence does all of them.',
        "The block was pasted whole: first it restarted the service, then it rolled back a version that was fine.",
        "Give each alternative a fence of its own under a line that says when it applies.",
        shell("Fix", "pm2 restart till\n\n# If that does not help\npm2 reload gateway"),
        entry(
            "**Fix**:\n\n```bash\npm2 restart till\n```\n\nIf that does not help:\n\n```bash\npm2 reload gateway\n```"
        ),
    ),
    "RB109": Rule(
        "a person has to edit something between commands",
        "error",
        "The commands behind the edit make sense only after it, and a run does not wait for it.",
        "The deployment went out with nothing changed, because the block was run in one go.",
        "Part the fence there and write the edit as a step of its own.",
        shell("Fix", "git pull\n# ... correct the price list ...\nmake publish"),
        entry("**Fix**:\n\n1. Correct the price list\n2. Publish it\n\n```bash\nmake publish\n```"),
    ),
    "RB110": Rule(
        "comments hold the text of another file",
        "warning",
        "Nothing writes that file, so what needs it fails quietly.",
        "The limit that would have stopped the flood stands in a comment and was never set.",
        "Keep it as a file beside the runbook, or in a fence of its own with its language.",
        shell("Fix", "# limits.yaml:\n# till:\n#   burst: 50\npm2 restart till"),
        entry(
            "**Fix**: put this into `limits.yaml`\n\n```yaml\ntill:\n  burst: 50\n```\n\n```bash\npm2 restart till\n```"
        ),
    ),
    "RB111": Rule(
        "a file that a command needs is not there",
        "warning",
        "A relative path is looked for beside the document and up to the root of its repository; with `--config`, an "
        "absolute one on this machine. Scripts move, and nobody corrects the runbook.",
        "`No such file or directory`, and the person who wrote the script left a year ago.",
        "Correct the path, or keep the file beside the runbook.",
        shell("Fix", "./bin/reset-till.sh"),
        shell("Fix", "systemctl restart till"),
        elsewhere=True,
    ),
    "RB112": Rule(
        "a program is not installed where the command runs",
        "warning",
        "With `--config`, each program that the commands start is looked for on the path of this machine.",
        "`command not found`: the tool is on the laptop of the person who wrote the entry.",
        "Install it on the machine that runs the steps, or use one that is there.",
        shell("Diagnosis", "tillctl status"),
        shell("Diagnosis", "systemctl status till --no-pager"),
        elsewhere=True,
    ),
    "RB120": Rule(
        "a command prints secrets",
        "error",
        "They then stand in the terminal, the scrollback, the chat it was pasted to, and the record of the incident.",
        "The post-mortem has a second part: every password has to be changed, because a screenshot went round.",
        'Ask whether a value is set, not what it is: `[ -n "${NAME:-}" ] && echo set`.',
        shell("Diagnosis", 'env | grep -E "TILL_PASSWORD|TILL_TOKEN"'),
        shell("Diagnosis", '[ -n "${TILL_PASSWORD:-}" ] && echo set'),
    ),
    "RB121": Rule(
        "a secret among the arguments, or a variable outside quotes",
        "warning",
        "Arguments of a process can be read by every user of the machine for as long as it runs, and end in its logs. "
        "A variable outside quotes is split at blanks and filled with file names where it holds `*` or `?`; when it is "
        "empty, the command means something else.",
        "The variable was not set on this machine, so the query went to the wrong database.",
        "Let the client read the secret from its own file or environment (`PGSERVICE`, `~/.my.cnf`, `--netrc`), and "
        "write variables in quotes.",
        shell("Diagnosis", 'psql $TILL_DATABASE_URL -X -c "SELECT 1"'),
        shell("Diagnosis", 'psql service=till -X -c "SELECT 1"'),
    ),
    "RB122": Rule(
        "the output may hold personal data or secrets",
        "warning",
        "Logs hold what people sent; process lists and dumps hold arguments and environments. Tocsin redacts what it "
        "knows to be secret, and the rest is kept with the incident.",
        "A customer's address stands in the channel that four hundred people read.",
        "Ask for counts or single columns, or restrict the entry: `<!-- tocsin:incident restricted=true -->`.",
        shell("Diagnosis", "ps aux"),
        shell("Diagnosis", "ps -C till -o pid,rss,etime"),
    ),
    "RB130": Rule(
        "a request without a limit, or blind for errors",
        "warning",
        "Without `--fail-with-body`, an error page counts as an answer; without `--max-time`, a server that hangs "
        "holds everything up; without credentials, the answer is only that there are none.",
        "The check says nothing and ends with 0. It printed the login page.",
        "Write `curl --fail-with-body --max-time 10 --silent --show-error URL`.",
        shell("Diagnosis", "curl https://till.example/health"),
        shell("Diagnosis", "curl --fail-with-body --max-time 10 https://till.example/health"),
    ),
    "RB131": Rule(
        "a pipe hides a failure",
        "warning",
        "Only the last command of a pipe decides how it ends. `grep` ends with 1 when it finds nothing, which looks "
        "like a failure; and when the command before it fails, that looks like nothing found.",
        "No errors in the log, says the runbook. The log could not be read.",
        "Write `set -o pipefail` before it, or let the first command filter itself.",
        shell("Diagnosis", "journalctl -u till -n 100 --no-pager | grep refused"),
        shell("Diagnosis", "journalctl -u till -n 100 --no-pager --grep=refused"),
    ),
    "RB132": Rule(
        "an address does not answer",
        "warning",
        "With `--config`, each address in a command and in the contacts is asked once, with a limit, and without "
        "following where it points to.",
        "The dashboard that everybody is told to open moved to another host last spring.",
        "Correct the address. If it answers only from inside, check from there.",
        shell("Diagnosis", "curl --fail --max-time 5 https://old-till.example/health"),
        shell("Diagnosis", "curl --fail --max-time 5 https://till.example/health"),
        elsewhere=True,
    ),
    "RB140": Rule(
        "something is destroyed, and nothing says how to come back or to check",
        "error",
        "A deletion cannot be taken back. Before it is run, the entry has to name what brings the state back, and how "
        "to see that it worked.",
        "The index is gone, the service does not start, and nobody knows where the copy is.",
        "Write **Rollback** and **Verify** into the entry.",
        shell("Fix", "rm -rf /srv/till/cache"),
        shell(
            "Fix",
            "rm -rf /srv/till/cache",
            rest="\n**Rollback**: copy it back from /backup/till.\n\n**Verify**: the till prints.\n",
        ),
    ),
    "RB141": Rule(
        "something is removed and then used by its name",
        "error",
        "After the removal the name is forgotten, so the next command does not find it, and what it was to start "
        "stays down.",
        "`Script not found`. The service was slow before; now it is gone.",
        "Use the command that replaces both (`pm2 restart till --max-memory-restart 2G`), or start from a file.",
        shell("Fix", "pm2 delete till\npm2 start till", rest=_BACK),
        shell("Fix", "pm2 delete till\npm2 start /etc/till/ecosystem.config.js", rest=_BACK),
    ),
    "RB142": Rule(
        "a command that looks harmless changes something",
        "warning",
        'In a diagnosis, or under a title such as "Check ...", people run everything without thinking. This one '
        "changes something.",
        "The check of the schema wrote over the schema.",
        "Move it to the resolution, or use a command that only reads.",
        shell("Diagnosis", "# Check the till\npm2 restart till"),
        shell("Diagnosis", "# Check the till\npm2 describe till"),
    ),
    "RB143": Rule(
        "nobody can see what a script does",
        "warning",
        "The runbook says what it is called, not what it does. It is never run without a person, and that person "
        "cannot judge it either.",
        "The script asks a question that the entry does not answer, and the terminal waits.",
        "Write what it does and what it needs beside it, or the commands themselves.",
        shell("Fix", "./bin/heal --locks"),
        shell("Fix", "systemctl restart till"),
    ),
    "RB144": Rule(
        "the work tree of the service is changed",
        "warning",
        "`git checkout`, `pull` or `reset` in the folder that the service runs from changes its files while it runs.",
        "The process restarted by itself in the middle of the checkout, with half of each version.",
        "Deploy a build of the wanted version, or work in a copy.",
        shell("Fix", "git checkout v41"),
        shell("Fix", "kubectl rollout undo deployment/till"),
    ),
    "RB150": Rule(
        "a database cannot read a query",
        "error",
        "The text is no SQL; or, with `--config`, the configured database refuses to prepare it: a table or column is "
        "not there. Nothing is executed for that.",
        '`column "tablename" does not exist`, and the person who is awake does not know the catalogue by heart.',
        "Correct the query; try it with `\\gdesc` in psql.",
        entry("**Diagnosis**:\n\n```sql\nSELEC count(*) FROM sale;\n```"),
        entry("**Diagnosis**:\n\n```sql\nSELECT count(*) FROM sale;\n```"),
        elsewhere=True,
    ),
    "RB151": Rule(
        "a query does more than read",
        "warning",
        "It changes something, calls a function that nobody knows to be harmless, or sends several statements at once.",
        "The second statement failed, and with it the first was undone; the screen shows only one line.",
        "Send one statement at a time, and say beside it what it changes.",
        entry("**Diagnosis**:\n\n```sql\nSELECT pg_terminate_backend(4711);\n```"),
        entry("**Diagnosis**:\n\n```sql\nSELECT pid, state FROM pg_stat_activity;\n```"),
    ),
    "RB152": Rule(
        "a name is put together without quotes",
        "warning",
        "`schemaname || '.' || tablename` is read as a name again, in lower case. One table with a capital letter in "
        "its name makes the whole query fail.",
        '`relation "public.sale" does not exist`, though everybody can see the table.',
        "Write `format('%I.%I', schemaname, tablename)::regclass`, or take the `oid` from `pg_class`.",
        entry("**Diagnosis**:\n\n```sql\nSELECT pg_table_size(schemaname||'.'||tablename) FROM pg_tables;\n```"),
        entry(
            "**Diagnosis**:\n\n```sql\nSELECT pg_table_size(format('%I.%I', schemaname, tablename)::regclass) "
            "FROM pg_tables;\n```"
        ),
    ),
}
