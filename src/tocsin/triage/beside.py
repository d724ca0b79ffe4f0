"""What else alerts are about: topics a runbook seldom has an entry for.

They are how "the backup failed" is told apart from "the service failed". A runbook that does have such an entry is
matched by them like by any other.
"""

from tocsin.triage.topic import Topic

PART = "part"
"""Of this topic no entry is: its words name many things, and an entry that has one of them is about that one."""

BESIDE: tuple[Topic, ...] = (
    Topic(
        "ebb",
        "far less traffic than usual",
        "symptom",
        "traffic drop|traffic dropped by|traffic fell|traffic fall|traffic fallen|traffic collapsed|traffic vanished|"
        "traffic disappeared|"
        "traffic below|traffic down|requests fell|requests fall|too little traffic|low traffic|less traffic|"
        "fewer requests|too few requests|traffic too low|requests too low|traffic dried up|requests below",
        "",
    ),
    Topic(
        "disk",
        "disk space",
        "cause",
        "disk space|disk full|disk used|disk usage|disk almost full|disk filling|no space left|enospc|inode|inodes|"
        "filesystem|volume full|disk utilization|storage space|storage full|disk percent|out of disk|disk pressure|"
        "gb disk left|mb disk left|gb disk free|mb disk free|gb space left|mb space left|partition full|mount full|"
        "mount used|partition used|volume used|dev full|dev used|"
        "log partition|smart error|disk failure|disk failing|bad sectors",
        "disk",
    ),
    Topic(
        "certificate",
        "certificates",
        "cause",
        "certificate|cert|certs|x509|letsencrypt|acme|certificate expires|certificate expired|tls expires|"
        "ssl expires|tls handshake|ssl renewal",
        "expire|tls|ssl",
    ),
    Topic(
        "backup",
        "backups",
        "cause",
        "copia seguridad|copias seguridad|copia seguranca|back up failed|back up mislukt|back ups|"
        "backup|backups|basebackup|pg dump|pgdump|mysqldump|dump failed|snapshot failed|nightly snapshot|"
        "restore test|pitr|wal archiving|base backup",
        "nightly",
    ),
    Topic(
        "schedule",
        "scheduled jobs",
        "cause",
        "dag|dags|airflow task|"
        "cron|cronjob|scheduled job|nightly report|daily report|weekly report|nightly import|nightly sync|"
        "nightly export|daily job|weekly job|hourly job|report job|import job|sync job|cleanup job|nightly run|"
        "nightly task|nightly job|batch job|airflow|etl|job failed|job missed|scheduled task|scheduler missed",
        "",
    ),
    Topic(
        "replication",
        "replication",
        "cause",
        "replication lag|replication|replica lag|standby lag|replica delay|wal receiver|replication slot|"
        "read replica lag",
        "replica|standby",
    ),
    Topic(
        "mail",
        "mail delivery",
        "cause",
        "smtp|newsletter|mails queued|mail queue|bounce rate|e_mail delivery|dkim|spf|e_mails queued|sendgrid|"
        "gmail|mail to|mails to|mail deferred|mails deferred|mailgun|sms gateway down|text messages|mail delivery|"
        "mails not delivered|dmarc",
        "",
    ),
    Topic(
        "queue",
        "message queues",
        "cause",
        "kafka|consumer group|consumer lag|rabbitmq|queue depth|queue backlog|dead letter|sqs|celery backlog",
        "",
    ),
    Topic(
        "dns",
        "name resolution",
        "cause",
        "nxdomain|nameserver|domain expires|domain registration|whois|dns record|dns resolution|dnssec",
        "dns",
    ),
    Topic(
        "payment",
        "payments",
        "cause",
        "card purchases|card payments|on ramp|acquirer|payment partner|"
        "payment provider|card declined|payouts|payment failed|payments failed|payment gateway|chargeback",
        "payment|payments|stripe|checkout|paypal",
    ),
    Topic(
        "contract",
        "smart contracts",
        "cause",
        "smart contract|contract exploit|reentrancy|flash loan|bridge exploit|contract paused",
        "contract",
    ),
    Topic(
        "build",
        "builds and pipelines",
        "cause",
        "pipeline failed|build failed|run failed ci|ci failed|ci main|ci run|workflow run|deploy preview|"
        "nightly build|jenkins|github actions|gitlab runner|lint failed|dependabot|pull request|unit tests|"
        "flaky test|terraform plan|workflow failed|build broken|docker build|npm audit|code coverage|merge conflict",
        "runner",
    ),
    Topic(
        "cache",
        "caches",
        "cause",
        "cache eviction|cdn purge|cache miss|cache stampede|redis eviction|redis maxmemory",
        "redis|memcached|varnish",
    ),
    Topic(
        "looks",
        "looks and wording",
        "cause",
        "translation error message|translation error|"
        "typo|error page needs|nicer|illustration|redesign|typo error message|typo message|wording error|docs page|"
        "documentation|css|layout|favicon|button color|"
        "font|misaligned|translation|broken link|wording|dark mode|logo|resize observer|spelling|pixel|"
        "tooltip|copyright year|screenshot outdated",
        "",
    ),
    Topic(
        "clock",
        "clocks",
        "cause",
        "clock skew|ntp offset|chrony|clock drift|time sync|not synchronised clock",
        "ntp",
    ),
    Topic(
        "monitoring",
        "the monitoring itself",
        "cause",
        "watchdog alert|alert meant ensure|watchdog pipeline|thanos|cortex|mimir|tempo|loki|jaeger|"
        "opentelemetry collector|otel collector|grafana alloy|promtail|fluentd|fluentbit|vmagent|"
        "alertmanager config|notification queue|scrape error|slow scrape|scrape target|configuration reload|"
        "prometheus reload|dead mans switch|scrape samples|alertmanager working|rule evaluation|grafana upgrade|"
        "node exporter|exporter service|agent version|agent outdated|exporter version|log shipping|log retention|"
        "dashboard missing|exporter down|"
        "metrics missing",
        "",
    ),
    Topic(
        "billing",
        "cost and quotas",
        "cause",
        "underutilized|underutilised|overprovisioned|under utilized|low usage|low cpu|"
        "idle resources|"
        "reduce allocated|consider reducing|quota used|sentry quota|quota reached|quota alert|quota alerts|"
        "quota warning|plan quota|event quota|"
        "monthly quota|usage quota|minutes used|"
        "invoice|cost anomaly|cost|costs|budgets|aws budget|monthly cost budget|cloud budget|budget exceeded|spend|"
        "spending|expenses|budget forecast|licence|license|"
        "subscription renewal|trial ends|cloud bill",
        "billing",
    ),
    Topic(
        "website",
        "a page beside the product",
        "cause",
        "analytics dashboard|looker dashboard|reporting dashboard|"
        "blog|marketing site|wiki|docs site|knowledge base|careers page|landing page|status page down|intranet|"
        "job board",
        "",
    ),
    Topic(
        "tools",
        "tools of the office",
        "cause",
        "datev|quickbooks|xero|lexoffice|accounting software|buchhaltung|comptabilite|contabilidad|"
        "contabilita|бухгалтерия|"
        "vscode|vs code|visual studio code|intellij|typescript server|language server|eslint|laptop|macbook|jira|"
        "hr portal|hr tool|payroll|time tracking|expense tool|metabase|discord|trello|asana|salesforce|hubspot|"
        "zendesk|intercom|tableau|looker|sonarqube|nexus|"
        "artifactory|"
        "docker hub|bitbucket|sharepoint|onedrive|dropbox|google drive|google workspace|office 365|webex|skype|miro|"
        "airtable|calendly|typeform|workday|personio|competitor|"
        "confluence|zoom|teams meeting|figma|notion|excel|outlook|docker desktop|vpn client|keyboard|monitor stand",
        "ide|editor",
    ),
    Topic(
        PART,
        "this part of a platform",
        "cause",
        "redis|memcached|kafka|zookeeper|rabbitmq|activemq|pulsar|nats|elasticsearch|opensearch|meilisearch|solr|"
        "cassandra|"
        "clickhouse|couchdb|influxdb|neo4j|hadoop|hbase|spark|flink|airflow|etcd|consul|minio|ceph|zfs|zpool|gluster|"
        "openebs|longhorn|velero|argocd|flux|spinnaker|jenkins|sidekiq|freeswitch|keycloak|ldap|coredns|"
        "cilium|"
        "calico|istiod|istio pilot|istio galley|istio mixer|istio control plane|sidecar injector|"
        "wireguard|openvpn|juniper|snmp|proxmox|pve|vsphere|vmware|esxi|graylog|logstash|"
        "fluentd|"
        "loki|tempo|mimir|cortex|thanos|jaeger|nextcloud|wordpress|magento|tsdb|litellm|ollama|"
        "systemd socket|vpn gateway|nas|printer|vpn tunnel|ipsec tunnel|leased line|nfs|smb share|samba|cifs|kibana|"
        "harbor registry|postfix|dovecot|mail relay|"
        "mail server|exchange server|dhcp|freeradius|active directory|domain controller|jumphost|citrix|"
        "terminal server|"
        "snowflake|bigquery|redshift|airbyte|fivetran|superset|druid|trino|temporal|camunda|nifi|mosquitto|mqtt|pbx|"
        "asterisk|sip trunk|voip|cctv|synology|truenas|qnap|veeam|gitea|gerrit|teamcity|buildkite|circleci|puppet|"
        "rundeck|"
        "awx",
        "",
    ),
    Topic(
        "interfaces",
        "network interfaces",
        "cause",
        "receive errors|transmit errors|interface errors|nic errors|bond degraded|link flapping|discarded packets",
        "",
    ),
    Topic(
        "hardware",
        "hardware and offices",
        "cause",
        "edac|correctable errors|uncorrectable errors|uncorrectable memory|correctable memory|ipmi|chassis|"
        "fan speed|voltage|"
        "temperature|fan failure|raid|smart status|power supply|ups battery|ecc|printer|office wifi|meeting room|"
        "coffee machine|vending machine|air conditioning|elevator|projector|fax",
        "",
    ),
    Topic(
        "cpu",
        "processor load",
        "cause",
        "cpu load|load average|cpu steal|cpu usage|high cpu|cpu throttling",
        "cpu",
    ),
    Topic(
        "others",
        "somebody else's service",
        "cause",
        "slack outage|slack down|zoom outage|zoom down|github outage|github down|gitlab outage|npm outage|npm down|"
        "teams outage|notion outage|copilot|github status|githubstatus|github actions degraded|actions degraded|"
        "github is experiencing|"
        "npm degraded|slack degraded|vendor status|provider status page|third party degraded|statuspage update|"
        "npm registry|slack status|third party status|upstream provider status",
        "",
    ),
    Topic(
        "patch",
        "updates and versions",
        "cause",
        "security update|security updates|new version available|package updates|reboot required|end of life|"
        "deprecation|cve published|patch available|kernel update",
        "",
    ),
    Topic("control", "the platform's own machinery", "cause", "kube api"),
    Topic("descriptors", "file handles", "cause", "file descriptors"),
    Topic("tunnels", "tunnels and lines between sites", "cause", "vpn tunnel"),
    Topic("endpoints", "devices, scans and findings of compliance", "cause", "quarantined"),
)
