"""The words that say what a number measures, in the languages monitors and people use."""

import re
from collections.abc import Iterable
from functools import lru_cache

from tocsin.triage.words import SERVER_ERROR, UNAVAILABLE, listed, stem, stems


def _stems(text: str) -> frozenset[str]:
    """Give the words of a plain list as written and as stems."""
    return listed(text) | {stem(word) for word in text.split()}


BYTES = _stems("gb gib mb mib")
KIND_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "latency",
        _stems(
            "latency p50 p75 p90 p95 p99 response-time duration antwortzeit antwortzeiten ttfb slow slower "
            "load-time wait delay spin roundtrip elapsed took timing latenz latence latencia latentie ladezeit "
            "ladezeiten"
        ),
    ),
    (
        "errors",
        _stems(
            "error err 5xx failur fail errors exception reject rejection bounc broken faulty fehler erreur errore "
            "erros erro falha falhas fallo fallos fehlerquote fehlerrate fehleranteil fehlschlage echecs fouten bledow "
            "foutpercentage ошибки ошибок"
        ),
    ),
    (
        "success",
        _stems(
            "good success availability succes succeed pass passed go-through erfolgsquote "
            "erfolgsrate exito sucesso reussite"
        ),
    ),
    (
        "disk",
        _stems(
            "disk volume storage filesystem inode partition tablespace festplatte disque disco "
            "speicherplatz plattenplatz dysk"
        ),
    ),
    (
        "memory",
        _stems(
            "memory mem ram heap swap rss old-space memoryutilization memoryusage memused memoria memoire speicher "
            "speicherauslastung speicherverbrauch speichernutzung arbeitsspeicher geheugen geheugengebruik pamieci "
            "память памяти "
            "heapused vmrss freeablememory maxmemory leak"
        ),
    ),
    ("load", _stems("cpu cpuutilization cpuusage cpuload cpuauslastung prozessor prozessorlast processeur процессор")),
    ("pool", _stems("connection-pool databaseconnection databaseconnections pool slot")),
    ("rows", _stems("exported row rows record object download export egress outbound")),
    (
        "requests",
        _stems(
            "limiter throttled 429 request socket sockets rps rpm qps traffic ip connection packet pps hit req reqs "
            "visit requestcount mbps gbps kbps bps "
            "rcvd rx network conn conns waf challenge challenges "
            "trafico traffico trafic verkehr трафик hits "
            "ingress inbound bandwidth sess session syn syn_recv visitor anfrag requete requetes peticion "
            "zugriffe aufrufe solicitudes llamadas chamadas accesos acessos richieste verzoeken "
            "peticiones anfragen pedidos requisicoes zapytan запросов client clients address throughput call post"
        ),
    ),
    # An amount of bytes that is nothing else is one of memory.
    ("memory", BYTES),
)
_MEASURING = frozenset().union(*(marks for _, marks in KIND_WORDS))
SHARE = _stems("rate ratio share percent avg average error_rate fraction pct")
PERCENT = _stems("percent pct percentage prozent")
USUAL = _stems(
    "usual baselin baseline normal expect average typical avg max same yesterday ordinary regular predicted forecast "
    "expectation seasonal habitude habituel ublich gewohnt normalwert costumbre habitual "
    "ago usually normally before previous prev prior"
)
ALL = _stems(
    "total desired expected all request requests call calls count sample samples hit hits invocation invocations "
    "check checks run runs attempt "
    "attempts valid eligible of out_of"
)
LIMIT = _stems("maxmemory reserved allocatable cap limit max total quota capacity maximum ceiling")
# What stands behind a number says that so much is in use, whatever stands before it: "free -m: 61 of 62 GB taken".
TAKEN = _stems("used taken full occupied consumed filled belegt voll utilise usado usada")
USED = _stems("usag used usage current rss value working_set usage_bytes bytes heap heapused mem memory now")
FREE = _stems("freeable freeablememory free available left remain remaining usabl usable avail libre frei availabl")
# What is a share of 0..1 by its name.
OF_ONE = _stems("ratio share fraction usage utilisation utilization used saturation fullness occupancy")
# "1 - avail / size" is used, whatever is divided.
_SUBTRACTED = re.compile(r"(?<![\w.])1(?:00)?(?:\.0)?\s?-")
WORKING = _stems(
    "ok okay success succeed succeeded pass passed healthy ready up 2xx working served alive fine good gesund bereit"
)
BREAKING = _stems(
    "fail fails failing failed error errors err bad reset resets rejected reject bounce bounced broken 500 500s 502 "
    "503 5xx "
    "affected erroring closed prematurely interrupted timeout timeouts timed refused dropped aborted fehler erreur "
    "errores "
    "fehlgeschlagen fehlgeschlagene gescheitert echoue echouees fallado fallidas fallaron fallan falharam falham "
    "fallite mislukt "
    "crash crashes dies died explode explodes unsuccessful wrong internal"
)
FAILING = (
    BREAKING
    | _stems("exception exceptions rejection rejections panic panics")
    | frozenset((SERVER_ERROR, UNAVAILABLE, stem("unavailable"), stem("closed"), stem("interrupted"), "uc", "ur", "uf"))
)
ALIVE = _stems(
    "ready healthy alive available up running listen listening reachabl reachable success succes succeed respond "
    "responsiv healthi inservice online accept accepted"
)
DEAD = _stems("down unhealthy ejected failed unreachable offline dead missing unavailable notready")
FALLEN = listed("refused timeout econnrefused unresponsive down missing late dead offline unreachable errored crashed")
YES = listed("1 1.0 true yes ok up")
NONE = _stems("0 0.0 false no none")
BARE = _stems(
    "datapoint metricvalue metric_value observed_value lastvalue value current actual latest currentvalue "
    "current_value reading now currently measured observed"
)
CALLS = _stems(
    "api request call query page screen answer response response reply submit quote statement click click intents "
    "endpoint transaction login checkout anfrage abfrage seite requete page ecran consulta pantalla pagina tela "
    "trace span db sql exec execution интерфейс "
    "chamada запрос ответ pages paginas pagine site sito страницы страница"
)
# What comes by the second and is no call of anybody.
NO_CALLS = BREAKING | _stems(
    "exception exceptions failure fault panic log line message event job write read iops row byte retry retries "
    "eviction restart record datapoint sample order payment sale error memory cpu disk gc page_fault task email mail "
    "spam metric series"
)
# Of these so many more than usual are errors themselves.
ERRORS = _stems("error errors err exception exceptions rejection rejections 5xx 500s fehler erreurs errores")
TAKES = _stems(
    "arrive arrives arrived per par pro por "
    "take takes took taking need needs needed lasts load loads loading answer answers respond responds response "
    "impiega impiegano mettent dura duran duren duurt открываются открывается грузятся грузится отвечает "
    "slowest longest langsam langsame langsamste finish avg mean average median dauert dauern braucht brauchen "
    "prend mettent met tarda tardan demora demoram "
    "мине занимает"
)
# What takes up room that is no memory, unless it is a program that does.
STORED = _stems("size bucket table file mailbox repository backup snapshot database log index upload archive registry")
PROGRAMS = _stems("process container worker program node pod app application service oom")
POOLED = listed("connection databaseconnection databaseconnections pool slot max_connections client connections")
_UNSPACED = re.compile(
    "(?P<errors>エラー|失敗率|错误|失败率|오류|에러|실패율)|(?P<success>成功率|성공률|可用率|稼働率)"
    "|(?P<latency>応答時間|レスポンス|レイテンシ|遅延|响应时间|延迟|응답\\s?시간|지연)|(?P<memory>メモリ|内存|메모리|ヒープ|堆内存)"
    "|(?P<disk>ディスク|磁盘|디스크)|(?P<requests>リクエスト|アクセス|トラフィック|请求|流量|访问|요청|트래픽)"
)
CJK_TRAFFIC = re.compile("アクセス|リクエスト|トラフィック|访问|请求|流量|트래픽|요청")


_TIME = listed("time ms second s") | _stems("temps tiempo tempo время czas")
# "Temps de réponse", "tiempo de respuesta": what stands between two words that are one in English.
LINKS = listed("de du des da do di del della la el le les der des")
_ANSWER = _stems("response reponse respuesta resposta risposta ответа odpowiedzi carga chargement")
_SECONDS = listed("ms second milliseconds millisecond s")
_TOTAL = listed("time total elapsed")
# How long a disk or a log takes is no time that an answer takes.
_OF_STORAGE = _stems("read write commit disk fsync replica replication io volume")
_TIMES = listed("times factor multiple multiplier mult ratio x vs") | {stem("times"), stem("multiple")}
_WELL = listed("ok good")
REALLY_MEMORY = frozenset().union(*(marks for kind, marks in KIND_WORDS if kind == "memory" and marks is not BYTES)) | {
    "free",
    "used",
    "avail",
}
# How old something is or how long it may last is no time that a call takes.
LASTING = _stems(
    "per start started since connect age ttl uptime interval timeout until remaining expiry expires lifetime budget "
    "limit"
)


def kind_of(stems: Iterable[str]) -> str | None:
    """Give what words speak of measuring: errors, success, latency, memory, load, pool, rows or requests."""
    present = set(stems)
    if present & _ANSWER and present & _TIME:
        present.add("response-time")
    if {"crash", "fre"} <= present or {"crash", "free"} <= present:
        return "success"
    if {"non", "2", "xx"} <= present:
        return "errors"
    if {"db", "load"} <= present or "dbload" in present:
        # Sessions at work, and no share of a processor.
        return None
    if present.isdisjoint(_MEASURING):
        return next((kind for one in present if not one.isascii() and (kind := _unspaced_kind(one))), None)
    if stem("latency") in present and present & _OF_STORAGE:
        return None
    return next((kind for kind, marks in KIND_WORDS if present & marks), None)


def is_of_the_left(name: str) -> bool:
    """Whether the name of a number, or the query it comes from, is of what is left and not of what is used."""
    return not FREE.isdisjoint(stems(name)) and _SUBTRACTED.search(name) is None


@lru_cache(maxsize=1_000)
def _unspaced_kind(stem: str) -> str | None:
    """Give what a run of signs speaks of measuring, of a script without spaces."""
    found = _UNSPACED.search(stem)
    return found.lastgroup if found else None


@lru_cache(maxsize=4_000)
def kind_of_one(stem: str) -> str | None:
    """Give what a single word speaks of measuring."""
    return kind_of((stem,))


def measured_in(stems: list[str], spoken: str | None) -> str | None:
    """Give what the name of a detail measures, beside a text that speaks of `spoken`; "times" for how many times usual.

    "longest_transaction_seconds" is how long a call takes, "free_pct" beside "memory" one of memory, "bytes_gb" a size.
    """
    present = set(stems)
    kind = kind_of(stems)
    if present & _TIMES and present & USUAL:
        return "times"
    if (
        kind in {None, "requests"}
        and present & _SECONDS
        and not present & LASTING
        and (present & CALLS or present & _TOTAL)
    ):
        return "latency"
    if kind is None and present == {"time", "total"}:
        return "latency"
    if kind is None and present & _WELL and present & SHARE:
        return "success"
    if kind is None and spoken == "memory" and present & (FREE | USED | LIMIT) and present & PERCENT:
        return "memory"
    return None if kind == "memory" and not present & REALLY_MEMORY else kind
