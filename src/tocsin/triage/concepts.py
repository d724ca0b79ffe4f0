"""Families of words that mean nearly the same, and pairs of families that speak of a topic.

A pair says what a list of phrases never ends saying: a credential that is exposed, traffic in excess, a query that
waits. `@name` in a phrase stands for any word of that family.
"""

from tocsin.triage.findings import FAMILIES as FOUND
from tocsin.triage.languages import FAMILIES as FOREIGN
from tocsin.triage.words import words

FAMILIES: dict[str, str] = {
    "service": (
        "service prod production server servers api app application site website endpoint backend backends "
        "gateway node nodes "
        "thing box everything system portal shop store tool "
        "instance pod pods container containers process worker daemon upstream target targets replica replicas "
        "cluster platform machine host hosts vm frontend listener balancer serveur serveurs servidor dienst сервер "
        "сервис"
    ),
    "gone": (
        "gone down dead unreachable unavailable offline vanished disappeared halted died hung frozen crashed "
        "crashing stopped dying absent suspended toast kaput borked hosed wedged bricked dark comatose flatlined "
        "tanked keeled busted lifeless mute"
    ),
    "nobody": "nobody none nothing noone",
    "works": (
        "open opens enter use log get succeed succeeds load work works working answers answering responds "
        "responding loads loading connects reach reachable accepted serving serve serves"
    ),
    "clients": (
        "customers customer users user clients everybody everyone people partner partners visitors traders players"
    ),
    "call": (
        "request requests req reqs call calls submit submits submission submissions invocation invocations "
        "transaction transactions post posts checkout checkouts order orders upload uploads response responses "
        "query queries operation operations message messages intent intents appels anfragen pedidos"
    ),
    "fails": (
        "fail fails failing failed error errors errored erroring reject rejected rejects bounce bounces refused "
        "broken 5xx 500 502 504 exception exceptions throws crash bombs chokes barfs croaks hiccups blows"
    ),
    "partly": (
        "some sometimes occasionally intermittent intermittently sporadic sporadically random randomly few certain "
        "percent fraction portion manche teilweise parfois certains algunos algumas spotty patchy flaky slice third "
        "half"
    ),
    "database": (
        "database databases db postgres postgresql mysql mariadb mongodb mongo rds aurora sql oracle mssql "
        "sqlserver datenbank dynamodb cassandra cockroach supabase pg psql"
    ),
    "strained": (
        "sweating sweats suffering suffers drowning choking chokes creaking groaning melting smoking overwhelmed "
        "crawling crawls swamped maxed slow slower struggling overloaded pegged saturated exhausted busy throttled "
        "hot stuck pinned piling pile queueing contention waiting waiters limit ceiling knees underwater buckling "
        "gasping thrashing hogging hogged glowing cooking grinding bottleneck bottlenecked"
    ),
    "query": (
        "query queries statement statements select update insert delete join transaction transactions lock locks "
        "vacuum migration index table tables scan session sessions"
    ),
    "waits": (
        "wait waits waiting waiters blocked blocking blocks stuck pile piling queue queued hours long slow "
        "timeout held hold holds unfinished"
    ),
    "traffic": (
        "request requests traffic packets packet connections connection hits rps qps bandwidth clients ips "
        "addresses posts calls visitors queries bots trafic trafico traffico anfragen verkehr syn requetes "
        "peticiones richieste запросов трафик"
    ),
    "excess": (
        "spike surge flood huge massive exploding exploded skyrocketing skyrocketed tripled quadrupled tenfold "
        "abnormal anomalous anomaly hammering overwhelming overwhelmed saturating million millions avalanche firing "
        "pounding battering bombarding slamming flooding barrage burst bogus garbage junk malicious fake "
        "unprecedented everywhere onslaught inundated inundating deluge drowning storm spamming spammed nonsense "
        "automated scripted empty hammers pounds"
    ),
    "memory": "memory ram heap rss memoire memoria speicher arbeitsspeicher память",
    "exhausted": (
        "full exhausted exhausting exceeded exceeds exceeding limit climbing climbs growing grows rising rises leak "
        "leaks leaking pressure low short shortage lack insufficient gone eaten eating hog killed kill filling "
        "saturated balloon ballooning unbounded creeping balloons bloating bloats gobbles guzzles devours chews "
        "swallows munches sawtooth staircase"
    ),
    "credential": (
        "password passwords token tokens key keys secret secrets credential credentials cookie cookies jwt "
        "passphrase mnemonic seed mfa 2fa otp env dotenv keystore kubeconfig passwort contrasena senha ключ пароль"
    ),
    "exposed": (
        "public publicly exposed leak leaked leaks published stolen committed pasted pastebin sold readable visible "
        "abused misused phished intercepted captured harvested plaintext unencrypted abrufbar offentlich "
        "oeffentlich publico publique publiques publica accesible publicly unprotected indexed listable "
        "downloadable misdirected"
    ),
    "data": (
        "data database records record rows table tables users emails customers customer dump bucket buckets files "
        "file export pii kyc passport passports documents photos profiles ledger source repository kundendaten "
        "donnees datos dados данные"
    ),
    "taken": (
        "downloaded copied exfiltrated exfiltration stolen sold sale leaked published encrypted ransomed pulled "
        "scraped siphoned harvested auction heruntergeladen kopiert gestohlen volees robados roubados telecharge "
        "descargaron descargado baixados scaricati"
    ),
    "account": (
        "account accounts login logins admin wallet wallets profile identity usuario usuarios administrador "
        "benutzer utilisateur administrateur пользователь superuser root principal operator konto konten compte "
        "comptes cuenta cuentas conta contas аккаунт contrasena senha passwort"
    ),
    "usurped": (
        "hacked compromised taken hijacked stolen unauthorized unauthorised drained emptied unknown stranger "
        "strangers intruder attacker impersonated breached unrecognized unrecognised suspicious rogue illegitimate "
        "gehackt pirate hackeada взломан взломали"
    ),
    "stranger": (
        "somebody someone intruder attacker hacker stranger strangers unknown unfamiliar unrecognized unrecognised "
        "outsiders foreign outsider contractor thief anonymous tor vps unbekannte unbekannter fremden "
        "fremder jemand alguien alguem quelqu qualcuno iemand ktos кто неизвестный nadie niemand personne ninguem "
        "nessuno никто desconocido desconhecido inconnu sconosciuto leaver burglar"
    ),
    "enters": (
        "queried scraped enumerated harvested fetched logged login signed entered accessed access downloaded "
        "exported copied created changed approved "
        "transferred moved pulled pulling read reading listed listing connected impersonating using used zugriff "
        "connecte entro entrado accedio acessou entrou eingeloggt angemeldet ingelogd zalogowal вошел зашел "
        "telecharge descargo baixou scaricato cambio changea geandert mudou modifico creo criou erstellt создал"
    ),
    "page": "page pages screen screens request requests call calls list app dashboard answer answers load response",
    "slow": "slow slower slowly sluggish crawl crawling crawls laggy lags ages forever endless long",
}

PAIRS: dict[str, str] = {
    "down": (
        "no @call through|none through|nothing through|no @call getting through|@fails boot|@fails startup|"
        "exception boot|restarts over and over|restarted over|lives for seconds|"
        "nothing acknowledged|nothing confirmed|nothing processed|"
        "service check critical|http check critical|tcp check critical|"
        "no @service running|no process running|nothing running|none running|"
        "no one @works|lost power|without power|"
        "impossible @works|imposible @works|impossibile @works|unmoglich|"
        "gone dark|went dark|goes dark|radio silence|dead air|dead in water|no pulse|no sign of life|sign life|"
        "belly up|"
        "given up the ghost|keeled over|just sits|sits there|just hangs|dropped sockets|sockets dropped|white page|"
        "empty page|site not be reached|not pingable|lights out|pulled plug|nobody home|never gets running|"
        "not get running|stuck starting|stuck initializing|no worker survives|no instance left|no instances left|"
        "not come back up|down to 0|down to nothing|"
        "health 5xx|health 503|health endpoint 5xx|health endpoint fails|panic startup|startup missing|"
        "startup exiting|startup exit|missing env exiting|state late|status late|heartbeat late|state missing|"
        "status down|state down|powered off|power off|switched off|"
        "turned off|shut off|shut down|@service @gone|@nobody @works|@clients not get in|@clients not log in|"
        "@clients locked out|@clients not reach|@database gone|@database unreachable|@database offline|"
        "@database down|@database recovery mode|@database not reach|@database refused|@database starting up|"
        "@database shutting down|0 @service|all @service @gone|no @call accepted|@call accepted 0|restart loop|"
        "restarting loop|unstable restarts|restart counter|start limit|start repeated too quickly|exits right after|"
        "exited right after|crash start|crashes start|crash startup|crashes startup|crash boot|exit immediately|"
        "no live upstream|no datapoints|0 backends|backends 0|not there|@service not there|missing heartbeat|"
        "heartbeat missing|no ping|ping missed|every request @fails|all @call @fails|every single request|"
        "every request timeout|all requests timeout|every call timeout|every attempt timeout|"
        "restart limit|restarts limit|max restarts|"
        "@service disappeared|@service vanished|never comes back|comes back nothing|cannot schedule pods|"
        "manifest unknown|err image pull|create container config error|cannot start|failed to start|could not start|"
        "refuses to start"
    ),
    "errors": (
        "fast burn|slow burn|burn alert|budget of availability|"
        "catch all handler|hit and miss|hit or miss|on and off|partial breakage|partial outage|partially broken|"
        "several attempts|several tries|three attempts|two attempts|third attempt|second attempt|three tries|"
        "now then @fails|now then breaks|"
        "half the time|third of the time|once in while|every so often|wave of errors|raft of errors|"
        "blow up|blows up|blowing up|red toast|error toast|crash free dropped|crash free below|crash rate|"
        "@partly @call @fails|@partly @fails|"
        "@call @fails|"
        "@clients @fails|@partly 5xx|@partly 500|internal error|unexpected error|unexpected field|"
        "unexpected condition|unexpected server condition|not defined|undefined is not|failed to decode|"
        "failed to parse|failed to deserialize|failed to validate|invalid value|invalid argument|cannot parse|"
        "schema mismatch|unknown column|null reference|division by zero|index out of range|attribute error|"
        "value error|illegal state|class cast|no such method|http 500|status 500|code 500|5xx"
    ),
    "database": (
        "wall time @query|time inside @query|time spent @query|time spent @database|"
        "too many locks|locks acquired|"
        "commit takes|commits take|wal writes|writes stall|write stall|fsync takes|"
        "blocks writes|blocks all writes|blocks reads|blocks inserts|blocks updates|blocking writes|"
        "lock convoy|lock pileup|queue behind|queues behind|line up behind|lines up behind|waits behind|wait behind|"
        "cross join|unbounded select|rows scanned|n 1 queries|io pinned|disk io pinned|commits pile|"
        "maxed out database|database maxed out|db maxed out|@database @strained|@query @waits|"
        "@query running minutes|@query for minutes|@query timeout|@query killed|"
        "no index|index dropped|dropped index|index missing|query plan changed|row exclusive|exclusive lock|"
        "share lock|advisory lock|lock wait|innodb|slow log|replication slots full|connection slots|"
        "connections database|database connections"
    ),
    "flood": (
        "@traffic @excess|@traffic per second|@traffic every second|thousands per second|request flood|"
        "thousands proxies|hundreds proxies|open proxies|residential proxies|"
        "bandwidth maxed out|graph maxed out|@traffic hundreds thousands|hundreds thousands get|@traffic distinct|"
        "@traffic countries|"
        "half open sockets|denies addresses|"
        "@traffic everywhere|unique client|distinct client|unique addresses|distinct addresses|client addresses|"
        "distinct sources|@traffic usual times|limit req|limiting requests zone|"
        "limiting connections zone|requests excess zone|random query strings|cache busting|banned ips|bans rising|"
        "ips banned|banned addresses|"
        "demonstration attack|demonstration servers|btc servers|bitcoin attack|btc site|bitcoin site|"
        "keep offline until|@traffic overschuttet|uberschuttet|overwhelmed by @traffic|attack layer|attack ip|"
        "attack prefix|attack volume|filters attack|mitigation attack"
    ),
    "memory": (
        "recycling gb|recycled gb|restarts gb|restarted gb|old generation|generation full|gc time|full gc|"
        "kswapd|"
        "memory hog|ram hog|megs free|megs left|mb remaining|hits cap|ram graph|eats all memory|headroom memory|"
        "leaks mb|leak mb|leaking mb|grows mb|mb minute|"
        "process fatter|process bloats|process balloons|linux shoots|linux kills|kernel shoots|"
        "kernel kills|kernel shot|os kills|"
        "@memory @exhausted|@memory out|not enough memory|not memory left|kernel killed|killed kernel|"
        "killed by kernel|kernel reaped|oom killer|oom event|anon rss|page allocation failure|heap space|mark sweep|"
        "last few gcs|gc takes|gc pauses|full gc|stop the world"
    ),
    "breach": (
        "@account of other @clients|@data of other @clients|@account of another|@data of another|"
        "never changed password|never changed mail|never changed e_mail|withdrawals address|withdrawal unknown|"
        "not know address|address not know|"
        "ex employee|former employee|ex colleague|former colleague|former contractor|belong to other|belongs to other|"
        "belong to another|belongs to another|other companies|"
        "posted publicly|posted public|shared publicly|public channel|"
        "mfa bypassed|2fa bypassed|"
        "took over accounts|took over @account|taken over @account|"
        "nobody scheduled|nobody started|nobody approved|nobody authorised|nobody authorized|"
        "nobody created|env answered|env returned|env 200|different company|different customer|different tenant|"
        "other tenant|another tenant|another company|emails hashes|e_mails hashes|users hashes|"
        "without credentials|without token|without password|without key|another person|other person|stranger key|"
        "none of us released|none of us published|contains your customers|your customers data|wrong recipient|"
        "wrong recipients|all partners|cc instead of bcc|payout address|altered address|"
        "from outside without|"
        "administrator access|create user unknown|create access key|create login profile|attach user policy|"
        "attach role policy|delete trail|deactivate mfa device|actor unknown|user unknown|"
        "was not you|this not you|"
        "queried all|unexplained outbound|outbound traffic hosting|outbound unknown host|got shell|"
        "env served|env file served|git directory exposed|shell access|got root|"
        "gained access|got access|foothold|still has access|"
        "have your data|"
        "have your database|publish rest|publish your data|pay or we|@credential @exposed|@data posted telegram|"
        "third party accessed|third party access|accessed by outsiders|"
        "@data posted forum|@data posted online|@credential @stranger|@data @taken|@account @usurped|"
        "@stranger @enters|@account not me|@credential used unknown|@account @stranger|never signed|never approved|"
        "not signed|not authorise|@data @stranger|@data @exposed|@account @stranger @enters|"
        "@stranger @enters @account|copy stdout|never seen address|never seen ip|environment variables answered|"
        "environment variables body|environment variables response|log4j|log4shell|jndi|kali|get secret value|"
        "list secrets|metasploit|cobalt strike|mimikatz|nmap internal|ransomware|ransom note|files encrypted|"
        "lockbit|wiper|port forwarding reverse|dev tcp|exploited|exploit|exploitation|bitcoin tool|crypto currency|"
        "data exposure|personal data public|rls disabled|row level security disabled|privilege gained|token minted|"
        "token issued unknown|login accepted|accepted login|accepted password unknown|then success|followed success|"
        "not login from|"
        "another country|country nobody|ip nobody|nobody here did|nobody did|none did|did not do|never saw|"
        "never made|not on team|"
        "owner did not|owners did not|never asked|did not ask|not asked|never requested|not request reset|"
        "@account empty|@credential used from|@credential been used|see @clients orders|"
        "other @clients orders|"
        "orders of other|reads other|sees other|raw ip|postinstall script|listed by internet|whole internet|"
        "@data open everyone|@data open everybody|@data open internet|@data open world|@data open public|"
        "sequential ids|enumerating ids|enumerates ids|appeared public|turned up public|public gist|public image|"
        "@data offered|@data forum|balance moved|funds moved|moved without|address changed"
    ),
    "slow": (
        "glacial|glacially|dog slow|snail pace|beachball|hourglass|like mud|syrup|eternity|eons|"
        "half minute|half a minute|painfully|@page ages|takes @slow|take @slow|needs seconds|latency up|"
        "latency rising|latency increased"
    ),
}
"""Topic -> pairs and further phrases that speak of it plainly."""


IDIOMS = (
    "blocks behind|block behind|behind head|block height|block number|ddos protection|anti ddos|flood protection|"
    "breach insurance|breach notification|slow query log|slow log|"
    "public key|link not opened|not opened nobody|attachment not opened|"
    "malware signature|virus definitions|"
    "locked himself out|locked herself out|locked themselves out|wrong password|connection resets|"
    "down to|taken down|comes down|come down|coming down|scale down|scaled down|scaling down|wind down|cool down|"
    "drill down|narrow down|"
    "down the line|connection draining|draining connections|session cookie name|goroutine leak|thread leak|"
    "connection leak pool|memory lane|fail2ban|rss feed|insufficient data|"
    "treated breaching|treat breaching|breach threshold|breached threshold|threshold breached|breaching threshold|"
    "breaching datapoints|breached datapoints|datapoints breaching|slo breach|sla breach|slo breached|sla breached|"
    "breach objective|breach limit|primary key|foreign key|cache key|partition key|sort key|routing key|"
    "security group|access log|access logs|access control list|request id|public api|public beta|public holiday|"
    "admin panel page|key metric|key results|lock file|lockfile|release lock|search index|z index|index page|"
    "show up|"
    "index html|table of contents|round table|killed it|drop in|drop by|crash course|attack plan|health insurance|"
    "memory overcommit|memory request|memory requests|port scan|scan blocked|vulnerability scan|keep up|keeps up|"
    "kept up|per second|per minute|per hour|each second|"
    "each minute|spike protection|"
    "memory underutilized|"
    "memory underutilised|no more memory leaks|no memory leaks|"
    "down with|flood warning|water leak|flood insurance|hold of|toegang tot|login page|login screen|login form|"
    "low memory usage|memory usage low|memory overprovisioned|"
    "latency budget|time budget|budget ms|budget second|"
    "timeout parameter|error handling|error message wording|"
    "error tracking|"
    "error reporting"
)
"""Phrases whose words mean something else when they stand together, so that they speak of no topic."""


ORDINARY = (
    "want done rest event star quote begin media though trip ever every water mono thrown throw shot sever fist "
    "money monkey spar spear waste principle china cook below seal send floor lead file tale sale store forum form "
    "even"
)
"""Words one letter away from words of trouble, which are no misspelling of them."""


def families_by_stem() -> dict[str, tuple[str, ...]]:
    """Give the families (`@name`) each stem belongs to."""
    found: dict[str, tuple[str, ...]] = {}
    for name, members in (*FAMILIES.items(), *FOREIGN.items(), *FOUND.items()):
        for word in words(members):
            found[word.stem] = tuple(dict.fromkeys((*found.get(word.stem, ()), f"@{name}")))
    return found
