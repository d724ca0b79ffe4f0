"""What audit logs and detectors of threats call what they find, when somebody got in or data got out.

Families of words and pairs of them, as in `concepts`, and the names of events and rules, taken apart into words. What
was only tried is told apart by what became of it (`standing.fended_off`).
"""

FAMILIES: dict[str, str] = {
    "watch": (
        "cloudtrail trail guardduty detector audit auditd flow sysmon falco edr defender siem eventlog journal syslog "
        "logging log logs history antivirus sensor firewall waf"
    ),
    "silenced": (
        "deleted deletion deletes disabled disables disable stopped suspended tampered tampering cleared wiped erased "
        "removed weakened unloaded killed truncated"
    ),
    "asset": (
        "snapshot snapshots ami image bucket buckets backup database volume repository repo drive folder document "
        "layer share dashboard instance dataset"
    ),
    "power": (
        "admin admins administrator administrators superuser superadmin owner root privileged sudo sudoers "
        "impersonation iamfullaccess administratoraccess"
    ),
    "given": "granted grants assigned attached added elevated escalated promoted obtained gained assumed",
    "hoard": (
        "password passwords secret secrets credential credentials token tokens hashes keys keychain shadow lsass"
    ),
    "gathered": (
        "enumeration enumerated enumerating dumped dumping harvested harvesting retrieved retrieval exported decrypted "
        "stealing theft replayed replay guessed cracked listing"
    ),
    "shell": "shell bash powershell exec command commands script binary interpreter webshell payload",
    "unforeseen": (
        "unusual rare unexpected anomalous unrecognized unrecognised unfamiliar untrusted atypical abnormal suspicious "
        "unknown unauthorized unauthorised never"
    ),
    "actor": "principal identity session role caller account geolocation asn agent parent process child",
}
"""Family -> its words."""

PAIRS = (
    # Who watches is blinded; what is shared is open to others; who has power has more of it.
    "cloudtrail @silenced|trail @silenced|guardduty @silenced|detector @silenced|audit @silenced|auditd @silenced|"
    "flow logs @silenced|edr @silenced|sensor @silenced|security logging @silenced|log @silenced tampering|"
    "event log @silenced|shell history @silenced|waf rule deletion|waf acl deleted|log file cleared|"
    "@asset shared another account|@asset shared with account|@asset shared external|@asset shared externally|"
    "@asset restorable account|@asset copied another account|@asset made public|@asset allows public|"
    "@asset public access allowed|@asset public read|@asset open internet|policy principal everyone|acl all users|"
    "@power @given unknown|@power role @given|@power privileges @given|@power access @given|user addition to group|"
    "added to @power|@power policy @given|privilege @given|cluster admin binding|domain admins changed|"
    "@hoard @gathered|secrets enumeration|credential dump|credential harvesting|secret string decryption|"
    "password data retrieved|@hoard read by unknown|mfa deactivated|mfa device deactivated|factor deactivate|"
    "factor deactivated|factor reset new|mfa factor removed|2fa disabled|mfa fatigue accepted|token replay|"
    "adversary in the middle|session hijack|session stolen|cookie replay|session started via proxy|"
    "anonymous ip address|anonymous proxy sign in|anonymizing|sign in anonymous|tor entry|tor exit|tor client|"
    "@unforeseen @actor admin|breached password used|breach passwords succeeded|leaked password used|"
    "multiple authentication failures followed success|failures followed by success|brute force followed success|"
    # What runs where it should not.
    "remote command execution|command execution container|execution in pod|exec into pod|kubectl exec|pod exec|"
    "interactive shell|terminal in container|@shell spawned by web|web server spawned|web shell|reverse shell|"
    "shell from web|drop and execute|executed new binary|unknown binary ran|container drift|drift detected container|"
    "fileless execution|memfd|ld preload|kernel module injection|module injection|release agent|container escape|"
    "escape host|packet socket created|ptrace|metadata service|instance metadata|socat|netcat|crypto miner|"
    "miner process|mining pool|stratum|outbound connections miner|domain associated mining|bitcoin domain|"
    "private keys or passwords|search private keys|aws credentials found|sensitive file|symlink over sensitive|"
    "setuid bit|authorized keys|ssh keys added|ssh public key uploaded|write below binary|modify binary|rootkit|"
    "bootkit|cnc|c&c|command and control|cobalt strike|beacon|sliver|meterpreter|reverse tunnel|dns tunnel|"
    "dns exfiltration|data exfiltration|lateral movement|pass the hash|kerberoasting|golden ticket|lsass|"
    "credential stuffing accounts|not mitigated|active threat|ransomware|hands on keyboard|"
    # Events of clouds by their names.
    "snapshot attribute|modify image attribute|modify snapshot attribute|put bucket acl|put bucket policy|"
    "delete public access block|public access block deleted|delete bucket policy|create login profile|"
    "update login profile|assume role policy updated|create access key|attach user policy|attach role policy|"
    "put user policy|put role policy|ingress 0.0.0.0|0.0.0.0 port|open to the internet|open to the world|"
    "console login root success|root console login|root credential usage|root credentials invoked|get secret value|"
    "get password data|stop logging|delete trail|delete flow logs|delete detector|disable guardduty|federation token|"
    "compromised key quarantine|compromised data|compromised credentials|repo access public|visibility public|"
    "private to public|made public|access token clone|oauth app granted unknown|forwarding rule|inbox rule|"
    "mail forwarding external|super admin|super admin privileges|api key used new ip|key used new ip|"
    # Databases and what leaves them.
    "copy to program|to program role|read all data granted|read server files|anon reads|anon read|anon key reads|"
    "anon can read|anon can select|rls not enabled|rls has not enabled|row level security not enabled|"
    "sensitive data public|sensitive data object|sensitive data publicly|records sent external|sent to external|"
    "external recipient|uploaded to personal|personal cloud|personal drive|personal account upload|usb copy|"
    "uploaded mega|uploaded paste|posted to paste|file sharing site|bulk download|mass download|mass deletion|"
    "departing employee|customer pii uploaded|data leaves|gb to unknown|gb out unknown|outbound gb unknown"
)
"""Phrases of a breach, by what they are about."""
