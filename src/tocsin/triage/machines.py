"""What monitors, platforms and programs say word by word when a service is in trouble, by what they are.

From their own documentation and source: names of alerts, metrics, events and exceptions, taken apart into words, and
the sentences of logs. Each room has its lines, so that a line can be found and one more added; they are phrases as in
`trouble`, with `|` between them.
"""

MACHINES: dict[str, str] = {
    "down": (
        # Kubernetes, containers and what runs them.
        "crash loop back off|err image pull|back off pulling image|image pull back off|failed to pull image|"
        "create container error|create container config error|run container error|container cannot run|"
        "failed create pod sandbox|failed scheduling|failed mount timed out|no minimum availability|"
        "not have minimum availability|minimum replicas unavailable|progress deadline exceeded|"
        "rollout not progressing|non ready state|non running state|node status not ready|containers not ready|"
        "state restarting|sub state auto restart|state activating auto restart|restarting 1|container is restarting|"
        "containers running 0|running containers 0|init crash|dead container|essential container exited|"
        "failed container health checks|unable to place task|unable to consistently start|tasks failed to start|"
        "task failed health checks|not passing health checks|failed elb health checks|running count 0|"
        "desired 3 running 0|0 active and 0 backup|no active or backup|not register targets|draining all targets|"
        # Balancers and proxies.
        "process up critical|service up critical|failure to get peer|ring balancer|no peers available|"
        "no alive backends|no alive active|no server is available|has no server|no live upstreams|no healthy upstream|"
        "no healthy members|cluster membership empty|upstream connection failure|reset before response started|"
        "connect failed while connecting upstream|failed while connecting upstream|layer4 connection problem|"
        "layer4 timeout|l4tout|l4con|chkfail|origin unreachable|origin is unreachable|origin down|origin offline|"
        "origin unhealthy|pool unhealthy|unhealthy pools|pool is critical|unhealthy origin|tunnel error|tunnel down|"
        "tunnel not connected|tunnel disconnected|error 1033|argo tunnel error|error 530|application crashed|"
        "app crashed|dyno crashed|application not respond|platform error|failed to respond|bad gateway for all|"
        "upstream down|upstreams down|all upstreams|"
        # Machines and their hypervisors.
        "status check failed|system status check|reachability check failed|persistent instance failure|"
        "underlying hardware failure|vm unavailable|vm availability|host error|host down|hosts down|"
        "host is unreachable|destination unreachable|server unreachable|droplet down|droplet not running|"
        "linode not running|instance not running|unexpected shutdown|machine stopped|"
        # Checks from outside, and the monitors' own words.
        "uptime check failing|uptime check failed|availability test failed|check passed 0|socket timeout after|"
        "no data received from host|http critical|tcp critical|ping critical|check is critical|passing 0|"
        "can connect critical|is not available|agent is not available|agent is unreachable|no longer available|"
        "heartbeat stopped|stopped reporting|not reporting|no data for|no longer reporting|no living target|"
        "target disappeared|targets missing|all targets missing|target down|targets down|targets are down|"
        "targets are unreachable|no series|metric absent|service is down|host unreachable alert|not pingable|"
        "keyword ok not found|is not responding|ssl handshake failed origin|"
        # Programs that do not start, and what supervises them.
        "main process exited|start request repeated|start operation timed out|failed to start|failed with result exit|"
        "entered failed state|segfault at startup|core dumped|code dumped|script not found|too many unstable restarts|"
        "unstable restarts|errored after|worker failed to boot|failed to boot|halt server|no module named|"
        "cannot find module|module not found|could not load|bind eacces|bind permission|listen eacces|"
        "listen eaddrinuse|listen permission denied|permission denied 0.0.0.0|cannot bind|failed to bind|bind failed|"
        "already in use|exec format error|no such file starting|missing environment variable|failed to initialize|"
        "failed to connect starting|waiting for file changes|gave up restarting|gave up starting|fatal state|"
        "entered fatal|exited too quickly|backoff exited|spawn error|"
        # A database or a host that is not there.
        "not connect to mysql server|not connect to server|could not connect to server|server selection error|"
        "server selection timeout|connection refused server running|is the server running|pool initialization|"
        "initialize pool|failed to initialize pool|could not translate host|name or service not known|"
        "temporary failure name resolution|getaddrinfo|eai again|server closed connection unexpectedly|"
        "terminated abnormally|server login failing|server login failed|server login retry|"
        "connection to server failed|reach database|connection bad|is shutting down|"
        "terminating connection administrator|terminating connection due to administrator|project paused|"
        "database paused|instance paused|storage full shut down|instance was stopped|instance was shut|"
        "database not available|no primary available|no master available|no pg_hba|"
        "password authentication failed startup|crash recovery startup"
    ),
    "errors": (
        # Names of what proxies, clouds and tracers count.
        "5xx|error rate|errors rate|error percentage|error ratio|server errors|request errors|http errors|"
        "failed request rate|failure percentage|failure rate|target 5xx|elb 5xx|code class 5xx|response code 5xx|"
        "status 5xx|status code 500|upstream 5xx|backend 5xx|code internal|grpc internal|grpc unavailable|rpc error|"
        "server exceptions|exceptions server|exception rate|exceptions per|exception count|error budget consumed|"
        "error budget remaining|slo alert|slo at risk|slo violated|availability sli|crash free sessions dropped|"
        "crash free users dropped|crash free rate|response errors|error log rate|log errors|unhandled exceptions|"
        "http 502|http 504|integration error|function errors|invocation errors|lambda errors|execution failed|"
        "executions failed|failed checks rate|failing 1 of|failing 2 of|failing 3 of|"
        # Balancers that lose answers.
        "upstream prematurely closed|prematurely closed connection|too big header|upstream sent invalid|"
        "reading response header upstream|recv failed|connection closed without response|request interrupted|"
        "backend connection errors|response flag uc|response flags uf|upstream reset|stream reset|"
        # Exceptions, as their languages name them.
        "null reference|nil pointer|null pointer|invalid memory address|undefined method|nil class|none type|"
        "no attribute|name error|key error|index error|lookup error|attribute error|import error|value error|"
        "type error|range error|reference error|argument error|illegal argument|illegal state|unsupported operation|"
        "invalid operation|class not found|class cast|no such element|concurrent modification|arithmetic exception|"
        "number format|array index|index out of bounds|out of bounds|slice bounds|assertion error|assertion failed|"
        "integrity error|unique constraint|duplicate key|constraint failed|foreign key constraint|not null violation|"
        "violates|record invalid|record not unique|validation failed|validation exception|validation error|"
        "deserialization|serialization exception|json decode|json parse|unmarshal|unexpected character|"
        "syntax error near|template error|render error|invalid signature|unhandled promise|promise rejection|"
        "uncaught exception|uncaught error|runtime error|fatal error handler|goroutine panic|recovered panic|"
        "axios error|fetch failed|fetch error|http request exception|http error|request exception|nested servlet|"
        "graphql errors|nonce too low|execution reverted|call exception|unpredictable gas|insufficient funds gas|"
        "spike in errors|errors spike|exceptions spike|number of errors|error events|regressed issue|unhandled error|"
        "unhandled exception|level fatal"
    ),
    "memory": (
        # The kernel, cgroups and what watches them.
        "out of memory killed|memory cgroup out|invoked oom killer|oom reaper|oom kill|oom killer|oom killed|"
        "result oom kill|oom victim|oomd killed|oomd|earlyoom|memory used more than limit|memory pressure|"
        "memory high throttling|memory events high|memory max reached|under memory pressure|major page faults|"
        "major faults|mem available|page allocation stall|low memory killer|lmkd|jetsam|killed perhaps memory|"
        "sigkill perhaps memory|sent sigkill|rss at exit|rss at restart|rss at kill|signal sigkill rss|"
        "low on resource memory|node memory pressure|evicted memory|memory evicted|exceeds memory request|"
        "memory under pressure|memory filling|memory is filling|commit limit|committed memory|"
        # Platforms.
        "memory quota exceeded|memory quota vastly|r14|r15|memory limit exceeded|exceeded its memory|"
        "exceeded memory limit|ran out of memory|runtime out of memory|worker exceeded memory|exceeded memory|"
        "container killed memory usage|killed due to memory|memory used max|max memory used|out of memory error|"
        "memory size exhausted|memory of bytes exhausted|allowed memory size|mem usage percent|mem used percent|"
        "mem percent|mem perc|mem pct|pct usable mem|memory usage pct|working set bytes|memory utilization|"
        "memory resources exhausted|memory saturation|lack of available memory|high memory utilization|high swap|"
        "swap usage high|"
        # Runtimes and what they write when they die.
        "mark compacts near heap limit|mark sweep|mark compact|ineffective mark|allocation failure scavenge|"
        "average mu|last resort gc|last few gcs|near heap limit|heap limit|fatal process out|zone allocation|"
        "external memory pressure|array buffer allocation|invalid array length allocation|invalid table size|old gen|"
        "old generation|metaspace|direct buffer memory|gc overhead|insufficient memory runtime|commit memory failed|"
        "unable to create native thread|java heap|heap usage|heap used|heap alloc|heap inuse|heap utilization|"
        "heap almost full|heap full|heap size limit|no memory error|memory error|failed to allocate|allocate memory|"
        "unable to allocate|bad alloc|enomem|not enough memory|worker killer memory|memory worker above|"
        "max memory restart|memory restart|memory leak|heap dump on out"
    ),
    "database": (
        # PostgreSQL and what stands before it.
        "too many clients|too many connections|slots are reserved|remaining connection slots|statement timeout|"
        "lock timeout|lock not available|deadlock detected|dead lock detected|could not obtain lock|"
        "waiting for share lock|still waiting for|waits for share lock|ungranted locks|lock transactionid|lwlock|"
        "lock manager|wait event lock|idle in transaction|dead tuples|dead tup|not auto vacuumed|not auto analyzed|"
        "autovacuum canceled|xid wraparound|checkpoints occurring too frequently|mean exec time|mean time query|"
        "exec time|total exec time|duration statement|duration execute|duration ms select|shared buffers hit|blks hit|"
        "temp files|temp bytes|tup returned|seq scan|seq tup read|cl waiting|clients waiting|waiting clients|"
        "waiting connections|maxwait|query wait timeout|pooler error|no more connections allowed|max client conn|"
        "max db connections|server saturation|connections exhausted|connection saturation|max clients reached|"
        "max client connections|close to its connection limit|percent usage connections|usage connections|numbackends|"
        "sessions waiting|"
        # MySQL, SQL Server, Oracle, MongoDB.
        "lock wait timeout|lock wait|threads running|slow queries|slow query|innodb row lock|row lock time|"
        "row lock current waits|log waits|history list length|history len|table lock waits|deadlocked on lock|"
        "deadlocked|deadlock victim|ora 00060|enq tx|log file sync|page io latch|pagelatch|cxpacket|dtu consumption|"
        "dtu percent|collscan|no index used|tickets exhausted|tickets available 0|requests queueing|requests queuing|"
        "global lock queue|operations queue|write conflict|"
        # Clouds that run it.
        "db load|dbload|load non cpu|max vcpu|db load cpu|acu utilization|disk queue depth|commit latency|"
        "select latency|dml latency|insert latency|ebs io balance|ebsio balance|ebs byte balance|byte balance|"
        "burst balance|disk io budget|disk io consumption|io consumption high|exhausting multiple resources|"
        "cpu credits rds|database cpu|cloudsql cpu|cpu rds|top sql|top wait|active average sessions|"
        "database connections high|database slowdown|datastore time|database service slow|database response time|"
        # Pools and libraries.
        "pool is probably full|timeout acquiring connection|acquiring connection|acquire timeout|"
        "connection acquire timeout|connection not available request timed|obtaining connection pool|"
        "not obtain connection pool|not acquire connection|not get connection pool|obtain connection pool|"
        "queue pool limit|pool limit size|pool exhausted|pool has been exhausted|connection pool exhausted|"
        "pool connections busy|queries wait|pool is full|pool saturated|connection timeout error pool|query canceled|"
        "query cancelled|query failed error|statement invalid timeout|transaction rollback serialization|"
        "transaction api error|start a transaction|transaction already closed|interactive transaction|p2024|p2028|"
        "p2034|hikari|maximum pool size|too many connections error|busy timeout sqlite|database is locked"
    ),
    "slow": (
        # What tracers, balancers and checks count in time.
        "target response time|integration latency|response time degradation|response time high|response time above|"
        "response time exceeds|slow response|slow transactions|web transactions time|transaction duration|"
        "request duration|duration by service|request latency|latency p99|latency p95|latency high|high latency|"
        "upstream response time|upstream rq time|backend latency|apdex below|low apdex|apdex score|page load time|"
        "slow request|slow requests|time to respond|ttfb|round trip slow|duration seconds|latency seconds|"
        "latency anomaly|increased latency|elevated latency|slow page loads"
    ),
    "flood": (
        # Networks, kernels and what shields them.
        "ddos detected|ddos attack|under ddos|ddos event|dos attack|dos alert|denial of service|syn flood|"
        "syn flooding|udp flood|udp reflection|icmp flood|http flood|request flood|volumetric|amplification|"
        "reflection attack|slowloris|rapid reset|slow post|nf conntrack table full|conntrack table full|"
        "conntrack full|conntrack limit|conntrack entries|sending cookies|syn cookies|listen queue overflow|"
        "listen queue overflowing|listen drops|syn recv|syn received|half open connections|packets dropped attack|"
        "attack bits|attack packets|attack requests|attack vector|attack volume|bits per second attack|"
        "mitigation started|mitigation engaged|mitigation vac|adaptive protection|packets per second inbound|"
        "attack traffic|attack in progress|attack ongoing|attack on ip|attack on prefix|prefix under attack|"
        "link saturated sources|"
        # Balancers and firewalls that count calls and callers.
        "limiting requests excess|limiting connections zone|rate based rule|rate based|penalty box|"
        "rate control triggered|rate limiting rule matched|rate limit rule|error 1015|worker connections not enough|"
        "new flow count|new connection count|active connection count|request rate anomaly|traffic anomalies|"
        "traffic anomaly|unique ip|distinct ip|different ip|bot network|likely bot|http dos|http flood scenario|"
        "bans per minute|banned in minutes|distinct clients|unique sources|unique src|amount of post requests|"
        "high threat count|threats per second|http req rate|stick table rate"
    ),
}
"""Topic -> the phrases of each room."""

IDIOMS = (
    # Names whose words mean something else.
    "crash free|gone above|gone below|gone over|gone beyond|nomad allocation|release health|password expired|"
    "password expires|password expiry|mod security|successfully pulled image|successfully pulled|pulled image|"
    "present on machine|error budget policy|error tracking quota|memory optimized|memory class|heap dump uploaded|"
    "spot instance|attack surface|attack sequence summary|kill switch|dead man|dead mans|health event"
)
"""Names in which words that speak of trouble do not."""

BESIDE: dict[str, str] = {
    "disk": (
        "free storage|free storage space|storage low|low storage|low free storage|disk read latency|"
        "disk write latency|unusual disk|disk io saturation|disk iops host|ephemeral storage|image gc|"
        "filesystem error|read only filesystem|device error|disk in use|disk used percent|dev sd|docker root full|"
        "io error dev"
    ),
    "certificate": (
        "ssl expiring|certbot|ssl expiry|cert expiry|certificate expiration|acm renewal|ocsp|order failed issuer|"
        "cert manager|tls expiry|rds ca|client certificate|certificate revoked|ca rotation"
    ),
    "backup": (
        "db dump missed|heartbeat db dump|dump missed|archive command|archiving failing|archiver failed|"
        "wal not archived|not archived|pg archiver|restore failed|barman|wal g|pgbackrest|restic|borg|velero|"
        "missing backup|snapshot job|backup db|finished db instance backup|vm backup|backup job"
    ),
    "schedule": (
        "logrotate|unattended upgrades|kube job failed|job not completed|job not starting|job failed to complete|"
        "backoff limit exceeded|job slow completion|cronjob failing|cron monitor|check in missed|missed check in|"
        "success signal|overdue job|job takes hours|job taking more hours|job did not start|job did not complete|"
        "batch failed"
    ),
    "replication": (
        "@database replication lag|@database replica lag|@database replication behind|slave io|slave sql|"
        "slave sql running|slave io running|replica sql thread|replica io thread|replica stopped|replication stopped|"
        "replication broken|replication not running|replication role|galera|wsrep|standby behind|replay lag|"
        "inactive slot|unused slot|replica set member|oplog window|headroom|out of sync node|heartbeat lag"
    ),
    "mail": (
        "ses bounce|ses complaint|bounce complaint rate|sender reputation|reputation dropped|mailbox full|mails held|"
        "messages held|smtp deferred|smtp relay|postmark|sms delays|sms delivery|mail gateway|spam rate"
    ),
    "queue": (
        "queue latency default|queue size|jobs enqueued|consumer lag|no consumers|unacked messages|"
        "unacknowledged messages|ready messages|age of oldest|oldest message|messages visible|dlq|dead letter|"
        "under replicated partitions|in sync replicas|topic offset|partition leader|celery|sidekiq|bullmq|resque|"
        "worker backlog|outbox backlog|messages not consumed|kinesis iterator|iterator age|eventbridge failed"
    ),
    "dns": (
        "servfail|core dns|nodelocaldns|zone transfer|domain expiring|domain expiry|domain expires|registrar|"
        "dns query|resolver|named error|route 53 health|internal zone"
    ),
    "payment": ("disputes|card testing|payment intents failed|payout failed|webhook endpoint disabled|radar blocked"),
    "build": (
        "build failed|build number|last build|deployment failed preview|preview deployment|vercel deployment|"
        "netlify build|ci on main|code scanning|code scanning alert|scanning alert opened|codeql|static analysis|sast|"
        "push protection|vulnerabilities high|snyk|trivy|terraform drift|drift detected|app out of sync|image scan|"
        "sync failed argo|helm release failed|puppet run failed|ansible run|waiting for runner"
    ),
    "cache": ("cache hit rate|cache hit ratio cdn|evicted keys|evictions|keyspace"),
    "clock": (
        "clock not synchronising|clock not synchronizing|clock sync|ntp client|ntp delay|time offset|clock at sync"
    ),
    "monitoring": (
        "exporter error|exporter errors|collector error|collector scrape|text file collector|textfile collector|"
        "rule failures|rule evaluation failures|not ingesting|failed reload|config reload|configuration reload|"
        "reload failure|alertmanager cluster|failed to send alerts|sending alerts|datasource error|"
        "remote write behind|remote storage|tsdb|ingesters|metrics down|metrics pipeline|exporter stale|span export|"
        "spans dropped|output errors logs|dropping logs|dropping log|log forwarder|agent updated|agent upgraded|"
        "info inhibitor|inhibit info|list watch errors|state metrics|prometheus reload|notification channel|"
        "webhook failing notifications|monitoring agent version"
    ),
    "billing": (
        "budgeted amount|savings plan|reserved instance expiring|egress quota|quota almost full|resource quota|"
        "quota fully used|namespace quota|quota exceeded namespace|included quota|usage summary|gb hours|spend limit|"
        "spending cap|credits remaining|plan limit|seats used|moved to plan|low utilization|overcommit|cost saving|"
        "license expires|licence expires|subscription ends|monthly spend|api rate limit remaining"
    ),
    "hardware": (
        "mce hardware error|hardware error corrected|corrected error|on battery|ups load|ups overload|ups bypass|"
        "ups fault|ups status|ups alarm|ups input|ups output|battery|toner|smart device|"
        "temperature warning|overtemperature|raid degraded|array degraded|disk drive|drive failed|zpool degraded|"
        "pool degraded|bonding|bond|fan|psu|power supply|switch port|port flapping|access point|insufficient drives|"
        "component too hot|optical power"
    ),
    "interfaces": (
        "receive errs|transmit errs|receive errors|transmit errors|interface flapping|interface down|errs eth"
    ),
    "cpu": (
        "throttling of cpu|cpu throttl|cpu throttle|throttle rate|context switching|load per core|cpu saturation|"
        "cpu utilization|cpu overcommit"
    ),
    "control": (
        "stuck terminating|scale in|scaling activity|launching new instance|terminating instance scale|kube api|"
        "kubernetes api server|kube apiserver|api server errors|api server latency|kube scheduler|"
        "kube controller manager|kube proxy|kubelet down|kubelet unreachable|kubelet instance|kubelet disappeared|"
        "kubelet pleg|kubelet startup|kubelet too many|aggregated api|metrics k8s io|daemon set|daemonset|"
        "persistent volume claim|pvc pending|pod capacity|too many pods|version mismatch|pod disruption|pdb|hpa|"
        "scaling disabled|node cordoned|cordoned|unschedulable node|cluster autoscaler|karpenter|spot interruption|"
        "generation mismatch|node eviction|admission webhook|kernel version"
    ),
    "descriptors": (
        "file descriptor|file descriptors|open files limit|too many open files mysql|fd usage|fd limit|inotify"
    ),
    "tunnels": (
        "vpn tunnel|ipsec|site to site vpn|direct connect|wireguard peer|peer handshake|leased line|bgp session"
    ),
    "endpoints": (
        "quarantined|remediation succeeded|blocked malware|adware|unwanted software|virus definitions outdated|"
        "antivirus update|definitions update|cis benchmark|sca summary|compliance score|benchmark score|"
        "affects package|should be enabled|failed compliance|non compliant|config rule|agent disconnected|"
        "sensor out of date|vulnerability affects|cve affects|control passed|passed control|backup codes|"
        "recovery codes|new device|security digest|advisor digest|leaver checklist"
    ),
}
"""Topic of what lies beside -> further phrases of it."""
