"""Words that begin a command: what makes an unlabelled fence or a code span a command rather than output or a name."""


def words(text: str) -> frozenset[str]:
    """Give the words of a text."""
    return frozenset(text.split())


_COREUTILS = """
    arch awk base32 base64 basename cal cat chgrp chmod chown chroot cksum cmp column comm cp crontab csplit cut
    date dd df diff diff3 dig dircolors dirname dmesg du echo ed egrep env envsubst expand expr false fgrep file
    find fmt fold free gawk getconf getent getfacl getopt grep groups gunzip gzip head hexdump hostid hostname iconv
    id install ionice join jobs kill killall last lastlog less link ln locale locate logger login logname logrotate
    ls lsattr lsof make man md5sum mkdir mkfifo mknod mktemp more mv namei nice nl nohup nproc numfmt od paste patch
    perl pgrep pidof pkill pmap printenv printf ps pstree pwd pwdx readlink realpath renice rev rm rmdir rsync scp
    sed seq setfacl setsid sftp sha1sum sha256sum sha512sum shred shuf sleep sort split sponge stat stdbuf strings
    stty su sudo sum sync sysctl tac tail tar tee test time timeout top touch tr tree true truncate tsort tty
    tzselect umask uname uniq unlink unxz unzip uptime users uuidgen vmstat w watch wc whereis which who whoami
    xargs xxd xz yes zcat zgrep zip zless zstd zstdcat bzip2 bunzip2 lz4 pigz cpio parallel pv rename runuser doas
    nsenter unshare faillock chage passwd useradd userdel usermod groupadd visudo
"""
_SHELL = """
    alias bg builtin cd command declare dirs disown eval exec exit export fg hash history let local mapfile popd
    pushd read readonly return set shift shopt source trap type typeset ulimit unalias unset wait bash sh zsh dash
    ksh fish
"""
_SYSTEM = """
    apk apt apt-cache apt-get apt-key aptitude blkid blockdev brew btrfs cfdisk cryptsetup depmod dnf dnsmasq dpkg
    dumpe2fs e2fsck fallocate fdisk firewall-cmd flatpak fsck fstrim fuser hdparm hostnamectl htop btop atop iotop
    insmod iostat ipmitool journalctl kexec localectl loginctl losetup lsblk lscpu lshw lsmod lspci lsusb lvcreate
    lvdisplay lvextend lvreduce lvremove lvresize lvs mdadm mkfs mkswap modinfo modprobe mount mountpoint mpstat
    ncdu needs-restarting networkctl nft nmcli numactl numastat pacman parted partprobe perf pidstat poweroff
    pvcreate pvdisplay pvresize pvs rdmsr reboot resize2fs resolvectl rmmod rpm sar semanage service sestatus
    setenforce getenforce restorecon ausearch aureport auditctl sgdisk shutdown slabtop smartctl snap ss ssacli
    strace storcli megacli swapoff swapon systemctl systemd-analyze systemd-cgtop systemd-resolve tc timedatectl
    tune2fs tuned-adm tzdata udevadm umount update-ca-certificates update-rc.d vgdisplay vgextend vgs wipefs
    xfs_growfs xfs_repair yum zfs zpool zypper chkconfig initctl rc-service sv supervisorctl svc monit chronyc ntpq
    ntpdate ntpstat turbostat defaults launchctl plutil pbcopy sw_vers diskutil scutil bpftrace bcc ftrace ltrace
    gdb gcore pstack perf-top crash mkfs.ext4 mkfs.xfs growpart drbdadm multipath lpstat
"""
_NETWORK = """
    arp arping bridge conntrack curl delv dhclient drill ethtool ftp hey host hping3 http https httpie ifconfig
    ifdown ifup iftop ip ip6tables iperf iperf3 iptables iptables-save ipset ipvsadm iw k6 ab wrk vegeta siege lftp
    mtr nc ncat netcat netstat ngrep nethogs nmap nslookup openssl ping ping6 route rsh socat ssh ssh-add ssh-agent
    ssh-copy-id ssh-keygen ssh-keyscan sshpass swaks tcpdump telnet testssl.sh tracepath traceroute tshark ufw wget
    wg wg-quick whois websocat grpcurl fail2ban-client certbot acme.sh keytool cfssl step ansible-vault gpg age sops
    birdc vtysh
"""
_CLUSTER = """
    argocd argo buildah calicoctl cilium cmctl colima cosign crictl crio-status ctr dive docker docker-compose
    docker-machine eksctl etcdctl etcdutl flux gcrane hubble helm helmfile istioctl k k3s k9s kind kn kops krew
    kube-bench kubeadm kubectl kubectx kubelet kubens kubeseal kustomize linkerd longhornctl microk8s minikube
    nerdctl nomad consul consul-template vault oc odo openshift-install podman rancher rke rook skaffold skopeo
    stern telepresence tanka tk trivy velero weave boundary packer terraform terragrunt tofu pulumi crossplane
    waypoint rosa ccoctl mc cephadm ceph ceph-volume rados rbd radosgw-admin gluster talosctl clusterctl tkn kubent
    popeye butane vcluster
"""
_CLOUD = """
    ansible ansible-playbook aws aws-vault awslocal az azcopy bosh bq cdk chef-client cf copilot databricks doctl eb
    ecs-cli fastly flyctl fly gcloud gsutil hcloud heroku ibmcloud linode-cli knife kitchen mssh ncli nova openstack
    oci okta puppet pvesh qm pct railway render s3cmd s5cmd rclone restic borg duplicity sam saml2aws scw serverless
    sls salt salt-call salt-ssh sentry-cli supabase vercel netlify virsh vagrant wrangler xe govc cloudflared ngrok
    pagerduty pd gh glab hub jira promtool amtool thanos cortextool mimirtool logcli lokitool grafana-cli
    grafana-server datadog-agent telegraf vector fluent-bit filebeat otelcol tctl tsh newrelic steampipe cfn-lint
    checkov awscli teleport gitlab-ctl gitlab-rake gitlab-rails gitlab-backup gitaly praefect bq2 az-cli
"""
_DATA = """
    psql pg_basebackup pg_controldata pg_ctl pg_ctlcluster pg_dump pg_dumpall pg_isready pg_lsclusters pg_receivewal
    pg_repack pg_resetwal pg_restore pg_rewind pg_upgrade pg_verifybackup pg_waldump pg_archivecleanup pgbackrest
    pgbench pgbouncer pgcli patronictl repmgr barman wal-g wal-e vacuumdb reindexdb createdb dropdb createuser
    initdb clusterdb mysql mysqladmin mysqlbinlog mysqlcheck mysqldump mysqlpump mysqlsh mycli mariadb mariabackup
    xtrabackup innobackupex pt-online-schema-change pt-query-digest pt-kill pt-table-checksum gh-ost orchestrator
    orchestrator-client proxysql sqlite3 sqlcmd sqlplus rman lsnrctl crsctl srvctl duckdb clickhouse
    clickhouse-client cockroach cqlsh nodetool sstableloader mongo mongod mongodump mongoexport mongoimport
    mongorestore mongosh mongostat mongotop redis-cli redis-benchmark redis-server redis-sentinel valkey-cli
    memcached memcstat influx influxd elasticsearch elasticsearch-plugin curator_cli solr zkcli zkCli.sh zkServer.sh
    kafka-acls kafka-configs kafka-console-consumer kafka-console-producer kafka-consumer-groups
    kafka-reassign-partitions kafka-topics kafkacat kcat rpk rabbitmq-diagnostics rabbitmq-plugins rabbitmq-queues
    rabbitmqadmin rabbitmqctl nats nats-server pulsar-admin bin/kafka-topics.sh hdfs hadoop yarn hbase hive beeline
    spark-submit spark-shell presto trino airflow dbt prefect temporal cadence sequelize flyway liquibase alembic
    atlas goose migrate prisma dynamodb ldapsearch ldapmodify kinit klist kdestroy
"""
_RUNTIME = """
    apache2ctl apachectl ant bazel bundle bundler cargo celery composer conda corepack deno django-admin dotnet
    elixir erl flask forever gcc gem git git-lfs go gradle gradlew grunt gulp gunicorn haproxy httpd iex irb jar
    java javac jcmd jmap jps jq jstack jstat julia lein lerna lua mix mvn mvnw nginx node nodejs npm npx nvm nx
    passenger-status passenger-memory-stats pg_top php php-fpm phpunit pip pip3 pipenv pipx pm2 pnpm poetry puma
    py-spy pyenv pytest python python2 python3 rails rake rbenv rbspy resque rspec ruby rustup rvm sbt scala sidekiq
    sidekiqctl svn symfony artisan tsx ts-node turbo uv uvicorn uvx uwsgi varnishadm varnishlog varnishstat
    virtualenv webpack wp yq bun yarnpkg hg dlv pprof async-profiler arthas caddy traefik envoy squid postfix
    postqueue postsuper postcat mailq exim sendmail doveadm dovecot named rndc unbound-control pdnsutil asterisk
    fs_cli freeswitch screen tmux byobu vim vi nvim nano emacs code mise asdf direnv
"""
COMMAND_WORDS = words(f"{_COREUTILS} {_SHELL} {_SYSTEM} {_NETWORK} {_CLUSTER} {_CLOUD} {_DATA} {_RUNTIME}")
# Of those, the words that also begin an English sentence: only their arguments tell which it is.
ENGLISH = COMMAND_WORDS & words("""
    at bash cut date dig ed exec exit expand file find fold free function git go hash head history host hub id
    import install join kill kind last less let link local locate login look make man more mount nice open
    parallel paste patch ping pulsar puma puppet read rename render reset restart return route run salt screen
    sensors service set shift shutdown sleep snap sort source split squid start step stop strings sum sync tail
    tee temporal test time timeout top touch trap tree type uniq unlink unset users vault vector w wait watch
    which who write yes zip atlas boundary migrate cat copilot flux helm cadence prefect argo orchestrator goose
    mix rake gem node code
""")
# Shell words that begin a block or test something, so that a statement with them is a statement.
KEYWORDS = frozenset(
    ["if", "for", "while", "until", "case", "select", "function", "time", "!", "{", "[[", "[", "(", "(("]
)
