"""What people write when they only tell, ask, imagine or remember trouble, or speak of somebody else's.

Accents are folded before comparing. Blanks in a pattern only lay it out.
"""

from tocsin.triage.sought import Sought

TALK = Sought(
    r"""
    # Imagined: what would be.
    \b(?:imagine|pretend\w*|suppose|supposing|hypothetically|dreamt|dreamed|nightmare|assume\s+(?:that|the|a|we
    |somebody)
    |(?:what|how)\s+(?:do|would|should)\s+(?:we|you|they|i)\s+(?:do|act|react|respond|proceed|handle|tell)
    |how\s+(?:do|does|did|would)\s+(?:other\s+)?(?:\w+\s+)?(?:teams?|companies|people|others|folks|we
    |you)\s+(?:\w+\s+)?(?:notice|
    handle|detect|deal|react|prevent|avoid)|only\s+(?:an?\s+)?example|for\s+example\s+(?:when|if)|(?:exam
    |interview|quiz|homework)
    \s+(?:question|task|exercise)|take-home|homework|(?:candidate|applicant|intern)'s\s+(?:\w+\s+){0,2}(?:test
    |homework|task|code|
    exercise|solution|project)|(?:this|it)\s+is\s+(?:only\s+|just\s+)?an?\s+(?:exercise|example|simulation|demo
    |joke|prank)
    # Taken back.
    |(?:just|only|i'm|im|was)\s+(?:kidding|joking)|jk\b|just\s+a\s+joke|(?:solved|fixed|resolved|gone
    |over)\s+(?:\w+\s+){1,2}ago
    |(?:outage|slowness|slowdown|lag|latency|spike|flood|problem|issue|attack|leak|error|trouble
    |symptom)s?\s+(?:(?:from|of|this|in|we\s+had
    |on)\s+(?:\w+\s+){1,3})?(?:is|are|has|have)\s+(?:all\s+|now\s+|been\s+|completely\s+)?(?:gone|disappeared
    |vanished|history|past)
    |(?:it|he|she|api|service|site|server|everything|system|platform)(?:'s|\s+is
    |\s+are)\s+(?:now\s+)?back\s+(?:and\s+|to\s+)?(?:stable|running
    |up|healthy|fine|normal|now|working|online|green)
    |[,;.-]\s*(?:all\s+|now\s+|already\s+)?(?:solved|resolved|sorted|sorted\s+out|closed|done)\W*$|(?:mistyped|misspelled|mistook|fat-fingered)\b
    |business\s+as\s+usual|when\s+was\s+the\s+last\s|(?:anyone|anybody|who)\s+(?:still\s+)?remembers?\b
    # Remembered: what was.
    |(?:that|this|it)\s+was\s+(?:in\s+|back\s+in\s+|on\s+)?(?:last\s+(?:year|month|week|spring|summer|autumn
    |winter|quarter)|years?\s+ago
    |months?\s+ago|20\d\d)|(?:remember|recall)s?\s+(?:the\s+(?:day|time|night|week)|when|how)|back\s+in\s+20\d\d
    |(?:last|past)\s+(?:spring|summer|autumn|winter|year)(?!'s\s+\w+\s+(?:is|are)\b)
    |(?:had|saw)\s+an?\s+(?:\w+\s+)?(?:outage|incident|breach|blip|hiccup)\s+(?:yesterday|last|on\s+\w+day|this\s+morning|in\s+\w+)
    # Read and written.
    |(?:write-?up|article|blog|essay|thread|story|movie|film|novel|podcast|documentary)\s+(?:\w+\s+)?(?:about
    |on|by|of|says|claims|describes|
    explains|is\s+out)|in\s+(?:the|a|this|that)\s+(?:movie|film|book|novel|series|article|slides|video|game)
    |(?:read|reading|saw|watch|watched
    |watching)\s+(?:\w+\s+)?(?:\w+\s+)?(?:article|post|story|thread|write-?up|talk|video|book|paper|documentary)
    |(?:study|paper|book|talk|session|slides)\s+(?:about|on)\s
    # Somebody else's.
    |(?:another|other|some|a|our)\s+(?:\w+\s+)?(?:competitor|exchange|bank|vendor)s?\s+(?:\w+\s+)?(?:got|was
    |were|is|has|had)\s
    |(?:friend|cousin|brother|wife|husband|neighbou?r|ex-?colleague)\s+(?:of\s+mine\s+)?(?:\w+\s+)?(?:at|from
    |of|who|says|told|works)
    |according\s+to\s+(?:their|its)|their\s+(?:status\s+page|outage|postmortem|blog|incident|api|site|service
    |server)
    |(?:we|i)\s+(?:do\s+not|don't|never)\s+(?:\w+\s+)?(?:run|use|host|have|own|need)\s+(?:anything|any\s+of
    |that|it|them|there)
    |(?:side|pet|hobby|weekend|private|personal|school|toy)[ -](?:project|server|site|blog|account\s+of\s+mine)
    |raspberry|arduino|simulator|emulator|in\s+(?:the|a|our)\s+unit\s+tests?
    |my\s+(?:own\s+|local\s+)?(?:docker|compose|vm|wsl|minikube|ide|editor)
    # Asked by those who want to know and lack nothing.
    |(?:do|does|can|could)\s+(?:you|your\s+\w+|the\s+\w+)\s+(?:\w+\s+)?(?:encrypt|store|support|offer|sell
    |publish|provide|recommend|keep|retain|
    charge|integrate|comply|guarantee|rotate)\b[^.!\n]*\?|(?:can|may|could|how\s+can)\s+(?:i
    |we)\s+(?:\w+\s+)?(?:export|download|see|view|get|have|copy|
    import|buy|rent|subscribe)\s+(?:\w+\s+){0,3}(?:data|invoices?|statements?|records|history|report|documents?
    |list|copy|logs)\b[^.!\n]*\?
    |what(?:'s|\s+is|\s+are)\s+(?:the|your)\s+(?:\w+\s+)?(?:expected|normal|usual|typical|average|maximum|max
    |minimum|current\s+limit|limits?)
    |(?:is|are)\s+there\s+(?:an?\s+|any\s+)?(?:\w+\s+)?(?:limits?|quota|policy|plan|docs?|documentation
    |api\s+for|way|discount|fee|roadmap|sla)\b
    |(?:are\s+we|is\s+ours?|were\s+we)\s+(?:also\s+)?(?:affected|vulnerable|safe|prepared|insured|covered)\b
    |(?:customer|client|user|partner|journalist|press|auditor|regulator|somebody
    |someone)s?\s+(?:\w+\s+)?(?:asks?|asked|asking|wonders?|wants?\s+to\s+know)
    \s+(?:us\s+)?(?:whether|if|how|when|what|about)
    |(?:normalerweise|ublicherweise|normalement|habituellement|normalmente|usualmente|solitamente|zwykle
    |zazwyczaj|obvykle|обычно|зазвичай|genelde
    |normalde|normalt|vanligtvis)\b[^.!\n]*\?
    |^\W*(?:do|does|should|shall|would)\s+(?:we|anybody|anyone|somebody|the\s+\w+)\s+(?:page|alert|wake|escalate|call)\b[^.!?\n]*\d[^.!?\n]*\?
    |how\s+often\b|numbers\s+on\b|(?:would|could)\s+(?:like|love)\s+(?:an?|to\s+(?:have|see|get))\b
    |please\s+(?:add|include|make|put|extend|show|hide|rename|translate)\s+(?:an?\s+|the\s+|some\s+|us\s+
    |me\s+)?(?:\w+\s+){0,3}(?:graphs?|columns?|fields?
    |options?|buttons?|docs?|documentation|links?|labels?|filters?|panels?|metrics?|dashboards?|alerts?
    |translations?|charts?|examples?)\b
    |(?:could|can|would)\s+(?:the|you|your|we)\s+(?:\w+\s+)?(?:return|show|have|support|display|include|make|be
    |offer)\s+(?:\w+\s+){0,3}?(?:nicer|better|clearer
    |shorter|longer|prettier|friendlier|bigger|smaller|configurable|optional|sortable)
    |(?:short|brief|little|some|\d+\s+min\w*\s+of)\s+(?:downtime|interruption|outage)\s+(?:is\s+|are\s+)?(?:expected|planned|possible|likely)
    |(?:mon|tues|wednes|thurs|fri|satur|sun)day\s+(?:at\s+)?\d+(?::\d+)?\s?(?:am|pm|h|utc)?\s+(?:we|i)\s+(?:switch|migrate|move|upgrade|restart|deploy|take|turn)
    |(?:we|they)\s+had\s+(?:\w+\s+){1,2}(?:outages|incidents|breaches|attacks|crashes)\s+(?:in|this|last|since)|in\s+q[1-4]\b|let's\s+(?:discuss|talk|review|chat)
    |(?:feature|product)\s+(?:idea|wish|suggestion|proposal)|(?:next|coming|this)\s+(?:sprint|quarter|iteration)\s*[:,]|^\W*(?:roadmap|backlog|okr)\s*[:,]
    |^\W*(?:if|when|should)\s+[^,?!.\n]{3,70},\s+(?:please\s+)?(?:call|page|ping|tell|wake|text|phone|notify)\s+(?:me|us)
    |(?:forgot|forgotten|lost|misplaced)\s+(?:my|his|her|their)\s+(?:\w+\s+)?(?:password|passphrase|pin|2fa|mfa|phone|device|token|yubikey)
    |(?:customer|client|user|partner|neighbou?r|competitor)(?:'s|s')\s+own\s|(?<!\()not\s+(?:our\s+(?:region|problem|service|side|fault|outage|incident)|ours)\W*$
    |(?:it\s+was|turned\s+out|turns\s+out|ah|oh|oops)\W+(?:it's\s+|it\s+was\s+|to\s+be\s+)?(?:only\s+|just\s+)?my\s+(?:own\s+)?(?:proxy|vpn|config\w*|typo|mistake|fault|isp
    |firewall|dns|wifi|cache|browser|router|network|bad|script|side)\b|just\s+curious|out\s+of\s+curiosity|used\s+to\s+have\b
    |(?:haven't|hasn't|have\s+not|has\s+not)\s+(?:\w+\s+)?(?:seen|had|got|noticed)\s+(?:a\s+single|any|one|more)\s
    |as\s+(?:requested|agreed|discussed|approved|ordered|scheduled|instructed)\b
    |thresholds?\s+(?:\w+\s+){0,4}(?:was|were|has\s+been|have\s+been|got)\s+(?:raised|lowered|changed|adjusted|tuned|increased|decreased|removed)
    |^\W*(?:i\s+|we\s+|\w+\s+)?(?:removed|silenced|muted|added|tuned|disabled|snoozed|deleted|acked|renamed)\s+(?:the|an?|our|that|this)\s+(?:[\w'\"-]+\s+){0,3}(?:alerts?|alarms?
    |monitors?|rules?|checks?)\b|(?:dashboard|doc|docs|runbook|slides|board|ticket|branch|recording|guide|draft)\s+(?:is|are)\s+(?:now\s+)?(?:ready|live|up|done|merged|online)
    |no\s+errors\s+so\s+far|^\W*interview\b|(?:candidate|applicant)\s+(?:\w+\s+)?(?:explained|told|said|answered|solved|wrote|asked|crashed)
    |(?:vendor|provider|supplier|competitor|bank|accountant)(?:'s|s')\s+(?:\w+\s+)?(?:api|site|server|service|system|platform|website|app|portal|page|tool|inbox)\b
    |how\s+come\s+(?:\w+\s+){1,4}(?:use|uses|say|says|have|has)\b
    # Attempts that got nowhere.
    |(?:didn't|did\s+not|never|couldn't|could\s+not|nobody|no\s+one)\s+(?:get|got|make\s+it|made\s+it)\s+(?:through|anywhere)(?=\W*$|[,.;])
    |(?:didn't|did\s+not|never|couldn't|could\s+not|nobody|no\s+one)\s+(?:get|got|came|come|broke)\s+in(?=\W*$|[,.;])
    |(?:nothing|none)\s+got\s+(?:in|through|past)|(?:captcha|waf|firewall|filter|mfa|2fa|edr|antivirus|proxy
    |spam\s+filter|rate\s+limit\w*|cloudflare)
    \s+(?:\w+\s+)?(?:stopped|caught|held|rejected)\s+(?:it|them|him|all|every|the)
    |phishing\b[^.\n]{0,40}\b(?:deleted|reported|ignored|not\s+clicked|nobody\s+clicked|didn't\s+click
    |did\s+not\s+click)
    |(?:nobody|no\s+one|none\s+of\s+\w+|none)\s+(?:\w+\s+)?(?:clicked|entered|typed|fell|responded|replied|gave|opened)\b
    # Only tried, in other languages.
    |nur\s+ein\s+test|(?:juste|seulement)\s+un\s+(?:test|essai)|(?:solo|solamente)\s+una\s+prueba
    |so\s+um\s+teste|solo\s+un\s+test|maar\s+een\s+test
    |tylko\s+test|jen\s+test|sadece\s+test\w*|bara\s+ett\s+test|просто\s+тест|лише\s+тест
    |fehlalarm|fausse\s+alerte|falsa\s+alarma|alarme\s+falso|falso\s+allarme|vals\s+alarm|falszyw\w+\s+alarm
    |falesn\w+\s+poplach|ложн\w+\s+тревог\w+
    |хибн\w+\s+тривог\w+|yanlis\s+alarm|falskt\s+alarm)(?:(?<!\w)|(?!\w))|只是测试|误报|誤報|오보
    """
)
"""What is only talk."""

LOOKS_ON = Sought(
    r"\b(?:eye|watch\w*|monitor\w*|keep\w*|investigat\w*|root|postmortem|follow|later|tomorrow|why|know|find\s+out|look\w*)\b"
)
"""What somebody does who wants to know why it was, when it is over."""
