"""What operations people say when a service is in trouble: topics, each with the phrases that speak of it.

General operations English, written without regard to any one runbook. A phrase is a few words that stand close
together in any order, `|` between phrases; the weaker ones only hint.
"""

from tocsin.triage.topic import Topic

TROUBLE: tuple[Topic, ...] = (
    Topic(
        "down",
        "something does not answer",
        "outage",
        "down|outage|downtime|unavailable|unreachable|offline|not responding|not respond|no response|not answering|"
        "not answer|nothing answers|nothing works|nothing loads|not reachable|not reach|unable reach|unable connect|"
        "not connect|connection refused|connect failed|econnrefused|connect refused|service unavailable|"
        "health check fail|health fail|healthz fail|healthcheck fail|liveness fail|readiness fail|"
        "status check failed|health check failure|healthcheck failure|unhealthy|not running|not listening|"
        "not accept|no accepted|none-of|no healthy|healthy host|crash loop|crashloop|crash looping|"
        "back off restarting|exited code|exit code|failed start|not start|not starting|startup failed|boot aborted|"
        "boot failed|stopped responding|stopped working|stopped accepting|dead|died|hung|frozen|hangs|"
        "event loop blocked|liveness timeout|impaired|no upstream|no endpoints|probe failed|probe success|absent|"
        "target missing|heartbeat missed|no heartbeat|all-of failed|all-of 5xx|everything fails|every request fails|"
        "all requests fail|all requests failing|completely broken|site not load|page not load|blank page|"
        "cannot load|not processing|stuck|halted|no traffic served|0 responses|no blocks|listening false|success 0|"
        "status code 0|up 0|stopped process|errored status stopped|gateway 5xx all|503|failed locations|listener gone|"
        "port closed|not up|not loading|not load|white screen|not open site|nobody can|no one can|noone can|"
        "all users affected|everyone affected|whole service|entire service|total outage|complete outage|"
        "all instances|instances unhealthy|imagepullbackoff|image pull|no pods|0 pods|0 replicas|0 running|"
        "0 instances|zero instances|zero pods|pods not ready|node not ready|not ready|eaddrinuse|"
        "address already in use|enotfound|exit status|exited status|unit failed|entered failed state|"
        "process missing|process gone|no process|process not found|connection timed out|connect timeout|"
        "connect timed out|no healthy upstream|no server available|no backend|no backends|zero traffic|dropped zero|"
        "dropped to 0|fell zero|fell to 0|stalled|stall|kernel panic|power outage|instance stopped|vm stopped|"
        "instance terminated|database unreachable|reach database server|database system starting up|"
        "database system shutting down|database gone|deadlocked process|not come back|not recover|"
        "refuses connections|refusing connections|no route host|host unreachable|all checks failing|"
        "all probes failing|nothing listening|all regions failed|every region|all locations|consecutive failures|"
        "wont start|keeps dying|keeps crashing|crashed boot|not boot|status stopped|service stopped|lost contact|"
        "no response received|tcp reset|cannot open|no longer answers|no longer responds|not get through|flatlined|"
        "flatline|probes timeout|probe timeout|checks timeout|readiness false|container exited|exited 1|exited 255|"
        "replicas mismatch|container waiting|http probe failure|probe failure|probe http failure|online 0|0 online|"
        "cannot find module|web server down|flat 0|stuck 0|stays 0|remains 0|unresponsive|returns nothing|"
        "fallen over|fell over|falls over|bit the dust|blackout|not bind|"
        "no available replicas|no replicas|"
        "not scheduled|unschedulable|pod pending|pods pending|nothing happens|operation timed out|heartbeat lost|"
        "lost heartbeat|"
        "boot loop|loss of service|service loss|loss of connectivity|keyword not found|keyword missing|every attempt|"
        "uptime 0|never comes up|never come up|never came up|not come up|never ready|never become ready|"
        "not become ready|"
        "zero responses|no responses|is stopped|has stopped|"
        "shows stopped|stopped unexpectedly|and quits|"
        "quits startup|"
        "connection lost|lost connection|connection closed|disconnected|not going through|nothing going through|"
        "check closed|tcp closed|health 000|returned 000|status 000|http 000|code 000|"
        "stopped listening|stopped serving|stopped processing|stopped sending|stopped taking|stopped receiving|"
        "no successful|not single|none succeed|nothing succeeds|not go through|nothing goes through|gets nothing|"
        "getting nothing|nothing back|nothing comes back|process exits|process exited|exits startup|"
        "exits immediately|"
        "inactive dead|socket timeout|no headers|no bytes|empty reply|not resolve host|failed connect|gives up|"
        "gave up|not able to|nobody able|no answer|without answer|dies boot|dies startup|shuts down|shut itself|"
        "not alive|not healthy|0 healthy|0 alive|0 up|not get in|locked out|"
        "cannot be opened|cannot be reached|not responsive|unexpectedly exited|aborting startup|"
        "port not bound|pm2 errored|pm2 stopped|supervisord exited|supervisor exited|shows errored|list errored|"
        "does not boot|no process listening|nothing listens",
        "econnreset|crash|crashed|crashes|restarting|restarts|restart|failing|timeouts|timeout|reachable|not work|"
        "stopped|"
        "health|not access|not open|not available|fails|replicas available|connection reset|"
        "reset by peer|terminated|no data|pending|gone|etimedout|killed|502",
    ),
    Topic(
        "errors",
        "requests fail",
        "symptom",
        "error|5xx|503|exception|internal server error|traceback|stack trace|uncaught|unhandled|bad gateway|"
        "error rate|error ratio|error budget|error share|failure rate|failed requests|success ratio|success rate|"
        "intermittent|intermittently|random failures|some requests fail|some fail|works retry|retry works|revert|"
        "reverted|panic|segfault|throws|part of calls|fraction failing|availability dropped|failing calls|"
        "calls fail|requests fail|not every request|sporadic|flaky|every other request|failure ratio|regression|"
        "failed transactions|transactions fail|error spike|failure spike|unhandled rejection|unhandled promise|"
        "validation error|null pointer|npe|cannot read properties|not a function|key error|assertion|budget burn|"
        "burn rate|non 2xx|sometimes fails|occasionally fails|fails sometimes|half of requests|third of requests|"
        "percent requests fail|percent of requests|some users error|something went wrong|oops|error message|"
        "error page|error toast|red banner|not 2xx|fault rate|5xx spike|spike 5xx|exception spike|spike exceptions|"
        "unexpected token|unexpected end|failed invocations|failed checks ratio|elevated errors|"
        "increased errors|bad request spike|retries exhausted|success dropped|success rate below|every tenth|"
        "one in ten|out of ten|one in five|one in twenty|type error|reference error|range error|syntax error|"
        "serialization failure|failed jobs ratio",
        "new events|occurrences|rollbar|bugsnag|honeybadger|raygun|airbrake|invalid|failing|fails|failed|failure|"
        "broken|reject|rejected|fault|undefined|glitch|sentry|"
        "release|slo|unexpected|fatal|4xx|retry|retries|oddly|sometimes|occasionally|rollback|deploy|hotfix",
    ),
    Topic(
        "memory",
        "memory runs out",
        "cause",
        "memory|heap|oom|out of memory|oomkilled|oom kill|ram|mem|resident|memory leak|memory limit|heap limit|"
        "allocation failed|cannot allocate|exit 137|code 137|exited 137|exit 134|code 134|exited 134|killed process|"
        "max memory restart|gc overhead|mark compact|garbage collection|scavenge|working set|old space|"
        "swap usage|swap used|swap full|swap space|swap exhausted|"
        "memory pressure|memory usage|memory quota|memory heap|enomem|heap snapshot|buffer allocation|"
        "memory exhausted|exceeded memory|memory grows|mb left|mb free|gb left|allocation failure|javascript heap|"
        "reached heap limit|max old space|anon rss|container killed|oom score|thrashing|free memory|"
        "available memory|memavailable|exceeds memory|out of ram|bad alloc|malloc|killed 9|signal 9|memory climbing|"
        "heap used|growing heap|gb of ram|eating ram|leaking memory|process leaking|memory exceeded|memory high|"
        "memory allocation|paging heavily|swapping heavily|exceeded limit killed|rss grows|footprint|"
        "no memory|no ram|no heap|garbage collector overhead|gigs|gigabytes|process grows|process bigger|"
        "process swells|keeps growing|grows until|grows hour|bigger hour|"
        "starts swapping|starts paging|old gen|memory eaten|eats memory|invoked oom",
        "swap|rss|sigkill|evicted|gc|killed kernel|137|134|sigabrt|leak|gb|gib|cgroup|v8|reaped|kernel killed|"
        "node killed|leaking",
    ),
    Topic(
        "database",
        "the database struggles",
        "cause",
        "slow query|slow queries|statement timeout|lock wait|deadlock|dead lock|dead locks|blocked queries|"
        "blocking query|"
        "blocking statement|waiting lock|row lock|access exclusive|sequential scan|seq scan|missing index|"
        "full table scan|dead tuples|autovacuum|auto vacuum|bloat|idle in transaction|long running query|"
        "long running queries|long running statement|long transaction|too many connections|too many clients|"
        "max connections|max clients|connection pool|pool exhausted|pool timeout|remaining connection slots|"
        "database cpu|db cpu|postgres cpu|database slow|db slow|read latency|write latency|commit latency|"
        "disk queue|iops|burst balance|burst credit|burst credits|cpu credit|buffer cache hit|query plan|query time|"
        "query duration|query latency|queries take|queries slow|db span|sql span|wait event|p2024|pg span|"
        "database load|database overloaded|database latency|postgres slow|canceling statement|"
        "transaction wraparound|temp files|pgbouncer waiting|database performance|database timeout|db time|"
        "query takes|runaway query|expensive query|lock timeout|lock contention|row contention|not obtain lock|"
        "blocked by pid|pg stat activity|average active sessions|connections exhausted|"
        "connection limit|connections used|hikari|hikari pool|pool size|acquire connection|timeout acquiring|"
        "timed out fetching connection|table scan|slow query log|min duration statement|table bloat|index bloat|"
        "hot row|read iops|write iops|io budget|io credits|performance insights|queries piling up|queries queue|"
        "queries queued|queries waiting|waiting for connection|no free connections|out of connections|"
        "connections saturated|explain analyze|unindexed|nested loop|hash join|planner|statistics stale|"
        "analyze table|db cpu credit|database throttled|db throttled|query timeout|query timeouts|sql timeout|"
        "select takes|update takes|insert takes|delete takes|select running|update running|database maxed|db pegged|"
        "database pegged|dbload|cpu database|cpu db|"
        "db overloaded|database struggling|database at 100|freeable memory db|replica reads slow",
        "checkpoint|cache hit ratio|vacuum|active sessions|database|db|postgres|postgresql|mysql|sql|query|queries|"
        "rds|pg|prisma|supabase|pgbouncer|transaction|aurora|pool|statement|index|lock|select|iowait|orm|table|"
        "tables|connections|deadlocks|schema|migration",
    ),
    Topic(
        "slow",
        "answers take long",
        "symptom",
        "slow|slower|slowly|slowness|latency|response time|sluggish|crawl|crawling|p95|p99|p50|laggy|takes ages|"
        "taking ages|takes forever|takes long|taking long|too long|seconds to load|seconds to respond|"
        "seconds to answer|seconds per request|spins|spinner|spinning|loading forever|request duration|apdex|"
        "slowing down|slows down|slowed down|slow down|snail|response times|p90|treacle|"
        "molasses|load time|load times|page load|minutes to load|takes minutes|ttfb|time to first byte|long time|"
        "performance degraded|degraded performance|freezes|seconds now|pages take|requests take|screen takes|"
        "takes seconds|delays|slow response|slow responses|response slow|high latency|latency high|turtle|"
        "unbearably|lags badly|waiting forever|wait seconds|not keep up|fall behind|falls behind|falling behind",
        "median|"
        "timeout|timed out|lag|delay|delayed|performance|seconds|degraded|second|duration|wait|throughput|unusable|"
        "forever|waiting|ages",
    ),
    Topic(
        "flood",
        "far more traffic than usual",
        "cause",
        "ddos|dos attack|denial of service|flood|flooding|flooded|botnet|bot attack|under attack|syn|amplification|"
        "slowloris|rps|qps|requests per second|req s|request flood|spike requests|spike traffic|traffic spike|"
        "surge traffic|surge requests|requests spike|packets per second|pps|kpps|mpps|gbps|mbps inbound|bandwidth|"
        "hammering|conntrack|volumetric|distinct ips|unique ips|thousands ips|many ips|above normal traffic|"
        "traffic baseline|traffic anomaly|anomalous traffic|wall of traffic|attack mitigated|attack detected|"
        "attack against|reflection|half open connections|http flood|udp flood|firewall events spike|"
        "extortion attack|swamped|bombarded|junk traffic|request volume|rate limit hits|rate limiting spike|"
        "one country|single asn|requests per minute|hits per second|connections per second|"
        "inbound traffic|layer 7|l7|rapid reset|icmp flood|smurf|booter|attack mode|bogus requests|fake requests|"
        "bot traffic|link saturated|uplink saturated|port saturated|network saturation|nic saturated|"
        "million requests|thousand requests|millions requests|requests million|different ips|thousands addresses|"
        "addresses hammering|same user agent|unexpected traffic|null routed|blackholed|traffic tripled|"
        "traffic exploded|traffic skyrocketed|tsunami|barrage|overrun|too many requests|429 spike|requests surge|"
        "requests jumped|requests exploded|traffic jumped|traffic surge|traffic flood|source ips|"
        "client ips|unusual traffic|abnormal traffic|malicious traffic|malicious requests|traffic attack|"
        "429 everywhere|random ip|uplink full|link full|pipe full|port full|network saturated|mitigation started|"
        "mitigation activated|mitigation enabled|mitigation active|ip hitting|addresses hitting|hosts hitting|"
        "thousands ip|"
        "blacklist grows|countries not serve|load countries|bots hammer|bots hit|bots attack|request burst|"
        "burst requests|get flood|post flood|ack flood|"
        "dns amplification|ntp amplification|"
        "memcached amplification|packet flood|requests per sec|bps inbound|gbit|gbits|inbound saturated|"
        "bandwidth saturated|ransom ddos|extortion ddos",
        "icmp|bots|"
        "ip addresses|x usual|times usual|x above normal|x baseline|times normal|captcha|scraping|scraper|zombie|udp|"
        "request rate|rpm|ingress|new connections|scrubbing|attack|traffic|spike|surge|rate limiting|inbound|"
        "baseline|mitigated|ips|asn|packets|challenge|429|waf|firewall|bogus|blocked ips|countries|saturated|"
        "mitigation|crawler",
    ),
    Topic(
        "breach",
        "somebody got in, or data got out",
        "cause",
        "breach|breached|unauthorized|unauthorised|unauthorize|compromised|compromise|data leak|exfiltration|exfil|"
        "exfiltrate|stolen|stole|steal|hacked|hacker|hijacked|takeover|intruder|intrusion|malware|ransomware|"
        "webshell|web shell|reverse shell|backdoor|crypto miner|cryptominer|rootkit|impossible travel|"
        "suspicious login|unknown login|unfamiliar login|login unknown|logged in unknown|suspicious sign in|"
        "login new country|not allow list|unknown access key|unknown user|unknown ip|unknown device|root token|"
        "root login|privilege escalation|privileges granted|stop logging|logging disabled|audit disabled|"
        "secret found|secret scanning|secret public|credentials public|credentials exposed|"
        "credentials stolen|private key|service role key|exposed|publicly accessible|became public|bucket public|"
        "public bucket|made public|anonymous read|anonymous gets|downloaded everything|downloaded all|data dumped|"
        "users dumped|data dump|database dump|dump sale|dark web|pastebin|paste site|for sale|logged in admin|"
        "admin login|admin created|new admin|created admin|added admin|superuser|mass export|bulk export|"
        "exported all|injection succeeded|injection returned|union select|another user|other users data|"
        "someone else account|other account data|account not me|was not me|transferred without|"
        "changed password without|mfa disabled|2fa disabled|credential stuffing success|unusual queries|"
        "unusual database queries|unusual access|data access anomaly|anomalous behavior|rows exported|idor|"
        "got phished|was phished|tor exit|session hijack|token stolen|forged|spear phishing|accounts taken|"
        "secrets listed|credentials published|persistence|ransom|ransom note|accessed without|key leaked|"
        "token leaked|password leaked|secret leaked|committed key|committed secret|pushed secret|secret committed|"
        "secret pushed|key committed|key pushed|token pushed|token committed|credentials committed|"
        "credentials leaked|haveibeenpwned|pwned|sold online|being sold|sold forum|not authorize|never authorized|"
        "did not make|selling data|selling database|unrecognized login|unrecognized device|unknown country|"
        "role granted|role assigned|policy attached|iam user created|user created unknown|access key created|"
        "mfa removed|mfa reset|password reset not request|not requested reset|withdrawal not|funds gone|"
        "funds missing|wallet drained|money gone|balance gone|impersonate|impersonation|select users|"
        "other customer data|another customer|other customers|someone else|somebody else|strangers|shell spawned|"
        "shell in container|terminal shell|command and control|beacon|trojan|virus|implant|lateral movement|"
        "mimikatz|login succeeded|login success after|successful login unknown|successful login after|logs deleted|"
        "log deleted|log cleared|logs cleared|log tampered|logs tampered|history cleared|credential access|"
        "etc shadow|etc passwd|sudoers|authorized keys|ssh key added|key added|canary token|canarytoken|honeytoken|"
        "honeypot|large transfer|large download|bulk download|gb outbound|gb sent|uploaded unknown|"
        "data sent unknown|password hashes|hashes posted|database posted|customer list|user table export|"
        "full table export|user data visible|data visible|data exposed|emails exposed|database exposed|"
        "public internet|world readable|without login|without authentication|no authentication|"
        "authentication bypass|auth bypass|privileged|never logged in|not me|was not us|none of us|"
        "nobody of us|not ours|nobody knows|nobody recognizes|wasnt us|signed in from|logged in from|login from|"
        "logins from|account locked out changed|email changed|accounts emptied|jwt forged|signing key|supply chain|"
        "malicious package|malicious commit|malicious|cryptojacking|crypto mining|coin mining|miner|xmrig|"
        "bucket listed|secrets read|vault unsealed|data theft|insider|espionage|sniffing|wiretap|keylogger|stealer|"
        "infostealer|support impersonated|sim swap|session cookies|cookie theft|oauth grant|consent grant|"
        "api key abused|key used from|key used|unusual api|vpn login|unusual location|unusual country|"
        "foreign country|offshore ip|unusual query|unusual export|sql injection|injection attempt|injection probe|"
        "remote code execution|code execution|rce|container escape|sensitive file|untrusted shell|"
        "suspicious process|suspicious binary|suspicious network tool|suspicious child process|suspicious command|"
        "new binary container|fileless execution|kernel module injection|miner pool|netcat|reconnaissance|"
        "write below|read sensitive|c2 server|c2 traffic|root account usage|root account used|"
        "sign in without mfa|"
        "login without mfa|signin without mfa|token theft|credential theft|cloudtrail disabled|"
        "trail disabled|audit log disabled|"
        "anomalous session|unusual session|suspicious session|new user appeared|new account appeared|unexpected user|"
        "credential dumping|find credentials|ptrace attached|clear log|delete shell history|rename shell history|"
        "metadata service container|defense evasion|privileged container launched|initial access|hands keyboard|"
        "data loss prevention|dlp|account takeover|ato|web skimmer|magecart|defaced|defacement|wallet emptied|"
        "double spend|forged signature|private data|brute force|credential stuffing|password spray|xss attempt|"
        "exploit attempt|path traversal",
        "tor|bypassed|leaked|leak|drained|guardduty|falco|crowdstrike|sentinelone|wazuh|edr|siem|defender|macie|okta|"
        "tripwire|"
        "auditd|security signal|untrusted|discovery|never seen|recon|malicious actor|anomalous|suspicious|suspect|"
        "credential|credentials|secret|login|admin|sensitive|security|access|key|password|unknown|public|dump|"
        "rows returned|not recognize|strange|export|phishing|role|outlier|anomaly|pii|personal data|gdpr|injection|"
        "sqli|xss|csrf|tampered|logged in|privilege|privileges|exported|download|downloaded|customer data|user data|"
        "token",
    ),
)
