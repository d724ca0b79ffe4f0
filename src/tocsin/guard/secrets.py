"""Where secrets are: in files, in variables, in words. Names only; no value is ever looked for in a store."""

from tocsin.guard.calls import Word
from tocsin.guard.patterns import LONGEST_VALUE, pattern

_FILE = pattern(
    r"(?:^|[/\s=@:])\.env(?:$|[^a-z/])|\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|tfstate|tfvars|age)(?:$|\W)"
    r"|\bid_(?:rsa|dsa|ecdsa|ed25519)\b|secret|credential|passw|shadow|private|kubeconfig|\.kube/config|/etc/kubernetes/|history$"
    r"|sudoers|/environ$|/etc/ssl/private|\.ssh/|\.pgpass|\.my\.cnf|\.netrc|\.npmrc|\.git-credentials|docker/config\.json"
    r"|(?:^|/)database\.ya?ml$|token|\.htpasswd|vault[\w-]*\.ya?ml|\.aws/"
)
_OPEN_KEY = pattern(
    r"\.pub$|/etc/ssl/certs/|(?:cert|chain|ca|bundle|api|server|client)[\w.-]*\.(?:crt|cer)$|^/etc/passwd$"
)
_NAME = pattern(
    r"(?:^|_)(?:SECRETS?|TOKENS?|PASS(?:WORD|WD|PHRASE)?|PWD|CREDENTIALS?|CREDS?|API_?KEY|AUTH|DSN|KEY|PRIVATE|SALT"
    r"|BEARER|COOKIE|PAT)(?:$|_)|(?:DATABASE|DB|PG|POSTGRES(?:QL)?|MYSQL|REDIS|MONGO(?:DB)?|AMQP|RABBITMQ|CONNECTION|SENTRY"
    r"|WEBHOOK|SLACK|BROKER|CACHE|QUEUE)_?(?:URL|URI|STRING|STR)$|PASSWORD|^MYSQL_PWD$|SECRET|TOKEN"
)
_SHELL_NAMES = frozenset({"PWD", "OLDPWD"})
_LITERAL = pattern(
    r"://[^/\s:@]*:[^/\s@]+@|\bbearer\s+\S|\bbasic\s+[a-z0-9+/=]{6}|\btoken[ =]\S*[\w-]{6}|\bAKIA[0-9A-Z]{12}"
    r"|\bgh[pousr]_[0-9a-z]{20}|\bxox[abprs]-|\bsk_(?:live|test)_|\beyJ[\w-]{10}|\bglpat-"
    r"|[?&](?:token|key|api_?key|secret|sig|signature|password|access_token)="
)
_OPTION = pattern(
    r"(?!--?(?:lock|next|page|starting|continuation|client|client-request|idempotency)-token)--?(?:[\w-]*-)?(?:password|passwd|pass|secret|token|api-?key|access-?key|secret-?key|auth-?token|client-?secret"
    r"|credentials?|passphrase)(?:=.+)?"
)
_SETTING = pattern(
    r"[\w.:/-]*(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL)[\w.]*=(?!\*).+"
)
_KEEPERS = frozenset({"gcloud", "aws", "az", "docker", "podman", "kubectl"})
"""Programs whose `--secret` is the name of one that is kept elsewhere."""
_BY_FILE = pattern(r"(?:file|env|fd|pass)(?::|//).*|[@-].*|/.*|true|false|")
_SETTINGS = pattern(r"^/etc/|\.(?:conf|cfg|cnf|ini|ya?ml|json|properties|toml|xml|config|rc)$")
_SEARCH = pattern(r"passw|secret|token|api[_-]?key|credential|private.?key|DATABASE_URL|_KEY\b")


def is_secret_file(text: str) -> bool:
    """Give whether a file of that name usually holds secrets."""
    if len(text) > LONGEST_VALUE:
        return True
    return _FILE.search(text) is not None and not _OPEN_KEY.search(text)


def is_secret_name(name: str) -> bool:
    """Give whether a variable of that name usually holds a secret."""
    return name not in _SHELL_NAMES and _NAME.search(name[:LONGEST_VALUE]) is not None


def names_secrets(text: str) -> bool:
    """Give whether a search for that text looks for secrets."""
    return _SEARCH.search(text[:LONGEST_VALUE]) is not None


def is_settings(text: str) -> bool:
    """Give whether a file of that name usually holds settings, among them secrets."""
    return _SETTINGS.search(text[:LONGEST_VALUE]) is not None


def shows_secret(words: tuple[Word, ...]) -> bool:
    """Give whether a secret stands in the words of a process, where every user of the machine can see it."""
    if words[0].text in _KEEPERS:
        words = tuple(word for word in words if word.text != "--secret")
    for before, word in zip((None, *words), words, strict=False):
        text = word.text[:LONGEST_VALUE]
        if any(is_secret_name(name) for name in word.variables) or _LITERAL.search(text) or _SETTING.fullmatch(text):
            return True
        if word is not words[0] and _OPTION.fullmatch(text) and "=" in text:
            return not _BY_FILE.fullmatch(text.partition("=")[2]) or bool(word.variables)
        if before and before is not words[0] and _OPTION.fullmatch(before.text[:LONGEST_VALUE]) and (
            "=" not in before.text and not _BY_FILE.fullmatch(text)
        ):  # fmt: skip
            return True
    return False
