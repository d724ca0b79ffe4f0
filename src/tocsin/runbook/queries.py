"""The SQL inside a shell command: what `psql -c "..."`, a heredoc or `echo "..." | psql` sends, and where."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tocsin.guard.shell import tree
from tocsin.runbook.known_commands import words
from tocsin.runbook.policy import Query

CLIENTS = words("""
    psql pgcli mysql mariadb mycli sqlite3 clickhouse-client cockroach sqlcmd usql duckdb cqlsh gitlab-psql vsql
    snowsql
""")
_TEXT = words("-c --command -e --execute -q --query -Q -cmd")
_PLACE = words("-d --dbname --database -D -h --host -U -u --user --username -p --port --url -S")
_GLUED = re.compile(r"^(?:--(?:command|execute|query)=|-[ceq](?=[\"']))(?P<text>.*)$", re.DOTALL)
_REDIRECTIONS = frozenset({"herestring_redirect", "heredoc_redirect", "file_redirect"})
_PLACED = re.compile(r"^--(?:dbname|host|username|user|database|port|url)=")


def queries_in(source: str) -> tuple[Query, ...]:
    """Give the SQL texts that a shell command sends to a database client, in order, each as the database sees it."""
    if not any(client in source for client in CLIENTS):
        return ()
    data = source.encode()
    return tuple(query for command in _commands(tree(source)) for query in _Call(command, data).queries())


def _commands(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            yield node
        waiting += reversed(node.children)


class _Call:
    """One call of a client; `data` is the text that the tree is of."""

    def __init__(self, command: Node, data: bytes) -> None:
        self.command, self.data = command, data
        self.place: list[str] = []
        self.sent: list[str] = []

    def queries(self) -> Iterator[Query]:
        words = [(child.type, self.source(child)) for child in self.command.children if child.is_named]
        client = next((n for n, (_, text) in enumerate(words) if _name(text) in CLIENTS), None)
        if client is None:
            return
        name = _name(words[client][1])
        self._options(words[client + 1 :])
        if name == "sqlite3" and len(self.place) > 1:  # the file, then what is asked of it
            self.sent.append(_unquoted(self.place.pop()))
        self.sent += self._handed()
        for text in self.sent:
            if text.strip():
                yield Query(text=text.strip("\n"), target=" ".join(self.place) or None, client=name)

    def source(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def _options(self, words: list[tuple[str, str]]) -> None:
        before = ""
        for kind, text in words:
            glued = _GLUED.match(text)
            if before in _TEXT:
                self.sent.append(_unquoted(text))
            elif before in _PLACE:
                self.place += [before, text]
            elif glued:
                self.sent.append(_unquoted(glued["text"]))
            elif _PLACED.match(text) or not (text.startswith("-") or kind in _REDIRECTIONS):
                self.place.append(text)
            before = "" if before in _TEXT | _PLACE else text

    def _handed(self) -> Iterator[str]:
        """Give what the call reads: a heredoc, a here-string, or the words echoed into it."""
        parent = self.command.parent
        redirected = parent.children if parent is not None and parent.type == "redirected_statement" else []
        for child in [*self.command.children, *redirected]:
            if child.type == "heredoc_redirect":
                yield self._heredoc(child)
            elif child.type == "herestring_redirect":
                yield _unquoted(self.source(child).removeprefix("<<<").strip())
        before = self.command.prev_named_sibling if parent is not None and parent.type == "pipeline" else None
        said = [self.source(word) for word in before.children if word.is_named] if before is not None else []
        if said and said[0] in ("echo", "printf"):
            yield " ".join(_unquoted(word) for word in said[1:] if not re.fullmatch(r"-[neE]+", word))

    def _heredoc(self, node: Node) -> str:
        parts = {child.type: self.source(child) for child in node.children}
        body = parts.get("heredoc_body", "")
        return body if re.search(r"['\"\\]", parts.get("heredoc_start", "")) else _unescaped(body)


def _name(text: str) -> str:
    return text.strip("'\"").rsplit("/", 1)[-1]


def _unquoted(text: str) -> str:
    """Give a word as the program sees it; variables stay as they are written."""
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _unescaped(text[1:-1], quote=True)
    return text


def _unescaped(text: str, *, quote: bool = False) -> str:
    return re.sub(r'\\([$`"\\]|\n)' if quote else r"\\([$`\\]|\n)", lambda m: "" if m[1] == "\n" else m[1], text)
