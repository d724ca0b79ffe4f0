"""What people and monitors write when nothing is to be opened: elsewhere, over, a test, a notice, fended off.

Accents are folded before comparing, so the words stand here without. Blanks in a pattern only lay it out.
"""

import re

from tocsin.triage.sought import Sought
from tocsin.triage.words import listed

# Fields that say where it happened.
ENVIRONMENT_KEYS = frozenset({"env", "environment", "stage", "tier", "deployment_environment", "deployment", "dd_env"})
# Fields whose value names a place among other things: only one that plainly is not production says something.
PLACE_KEYS = frozenset(
    {"namespace", "kube_namespace", "k8s_namespace", "k8s.ns", "kubernetes_namespace", "cluster", "cluster_name"}
    | {
        "project",
        "network",
        "chain",
        "project_id",
        "account",
        "account_name",
        "vpc",
        "branch",
        "workspace",
        "hostgroup",
        "hostgroups",
        "host_group",
        "resource_group",
        "resourcegroup",
        "target_env",
        "database",
    }
)
STATUS_KEYS = frozenset(
    {"status", "state", "alert_status", "new_state", "newstatevalue", "alert_event", "alert_state", "current_state"}
    | {"alertstatus", "event_type", "transition", "alert_transition", "to_state", "monitor_status"}
)
PRODUCTION = re.compile(r"\b(?:prod|production|prd|live)\b", re.IGNORECASE)
_NOT_PRODUCTION = (
    r"staging|stage|stg|tst|sandbox|sbx|sepolia|goerli|holesky|hoodi|mumbai|amoy|dev(?:el(?:opment)?)?|testing|testnet|devnet|qa|uat|preview|preprod|pre-?production|"
    r"nonprod|non-production|local(?:host)?|ci|lab|demo|playground|int(?:egration)?|canary-test|perf|loadtest|load-test|"
    r"minikube"
)
OTHER_PLACE = re.compile(rf"(?<![a-z])(?:{_NOT_PRODUCTION}|test)(?![a-z])", re.IGNORECASE)
OTHER_PLACE_TEXT = Sought(
    r"""
    ^\W*(?:qa|uat|dev|test|stg|staging|demo|sandbox)\s*[:\]|/]|^\W*(?:qa|uat|stg|staging|sandbox|preprod)\s
    |\b(?:locally|my\s+local|(?:on|in|from|at|against|of)\s+(?:the\s+|our\s+|my\s+)?(?:(?:namespace|env|environment
    |cluster
    |stage)\s+)?(?:staging|stage(?!\s+\d)|stg|sandbox|qa|uat|dev|ci|preview
    |demo|testnet|sepolia|goerli|holesky|hoodi|preprod|lab|playground|pre-?production)\b|staging|stg|tst|sandbox|testnet|non-?prod
    |devnet|uat|preprod
    |pre-production|non-production|(?:dev|test|qa|ci|preview|demo|lab|load.?test|testing|development|perf|performance
    |soak|benchmark
    |integration)[ -](?:env(?:ironment)?|asset|user|order|wallet|merchant|tenant|customer|laptop|workstation|cluster
    |server|box|database|db|instance|deployment|system
    |namespace|host|node|stack|account|project|tenant|network|bucket)|test\s+environment|my\s+(?:laptop|machine
    |branch)|localhost
    |(?:docker|image|ci|nightly|jenkins)\s+build|(?:ci|build|gitlab|github|jenkins)[ -]runner|runner-\d+
    |dev-?box(?:es)?|(?:in|on|with)\s+my\s+(?:own\s+)?(?:docker|compose|container|vm|terminal|console|shell|editor
    |setup|env)\b
    |(?:my|his|her|the|a)\s+(?:macbook|notebook|dev\s?box)|\w+'s\s+(?:laptop|macbook|pc|computer|notebook
    |workstation)|at\s+home|my\s+(?:wifi|wi-fi|router|internet|network|home\s+(?:wifi|network|router|pc|office))
    |(?:meeting|conference)\s+room|canteen|cafeteria|in\s+(?:the\s+|our\s+)?(?:\w+\s+)?office|my\s+(?:computer|pc
    |desktop|workstation)|of\s+the\s+office|(?:the\s+|our\s+)?office\s+(?:nas|wifi|wi-fi|wlan|network|router|vpn
    |printer|server|internet|switch|pc
    |laptop)|(?:en|em|na|auf|im|sur|op|su|w)\s+(?:dev|staging|preprod|recette|homologac\w+|pruebas|desarrollo|qa|uat|tescie|testach)\b|на\s+(?:тесте|тестовом|стейдже|стейджинге|деве|дев)
    |honeypots?|preview-[\w-]+|review-app[\w-]*
    |local\s+(?:machine|setup|environment|docker)|[a-z]\w*-(?:dev|test|qa|uat|stg|staging|preview|demo
    |sandbox)(?:-?\d+)?|testumgebung|testsystem|entwicklungsumgebung|environnement\s+de\s+(?:test|recette
    |developpement)|preproduction|recette|entorno\s+de\s+(?:pruebas?|desarrollo|test)|ambiente\s+de\s+(?:testes?
    |homologacao|desenvolvimento)|homologacao|ambiente\s+di\s+test|testomgeving|srodowisk\w+\s+testow\w+
    |тестов\w+\s+(?:сред\w+|стенд\w*|окружени\w+))\b|测试环境|测试服|预发布?|开发环境|テスト環境|検証環境|開発環境|ステージング|테스트\s?환경|스테이징
    """
)
# Environments that are named so, and hardly anything else is.
OTHER_ENVIRONMENT = re.compile(
    r"(?<![a-z])(?:review|ephemeral|feature|training|bench(?:mark)?|experiment(?:al)?|prototype|scratch|acceptance|acc|tst|e2e|"
    r"soak|[pm]r-?\d+)(?![a-z])",
    re.IGNORECASE,
)
TAGGED = re.compile(r"\benv(?:ironment)?[:=]\s?\"?([a-z]+)", re.IGNORECASE)
OTHER_ORIGIN = re.compile(r"(?:^|[\s.@/-])(staging|stg|sandbox|testnet|qa|uat|dev|ci|perf|loadtest|preview|demo)\b")
# What is said of a place where it does not happen: "staging is fine", "not on staging".
FINE_ELSEWHERE = Sought(
    rf"\b(?:{_NOT_PRODUCTION}|test)\b\s+(?:\w+\s+)?(?:is|are|looks?|works?|seems?|stays?|runs?)\s+(?:\w+\s+)?(?:fine|ok|okay|good|green|up|"
    rf"healthy|unaffected|not\s+affected)\b|\b(?:not|never|unlike|except)\s+(?:on|in|for|of)?\s*(?:the\s+)?(?:{_NOT_PRODUCTION})\b"
    r"|\b(?:and|also|as\s+well)\s+(?:at|by|for|to)\s+(?:the\s+|our\s+|all\s+)?(?:customers?|clients?|users?|everyone)\b"
)
# What stands before a test that is none.
NO_TEST = re.compile(r"\b(?:not|no|never|isn't|ain't)\s+(?:a\s+|an\s+|the\s+|only\s+a\s+|just\s+a\s+)?(?:\w+\s+)?$")
STATUS_PAGE = re.compile(r"(?:^|[\s.@/-])(?:status|statuspage|statusgator|isdown|downdetector)\b")
# Who writes of work and of people, and watches nothing.
OF_WORK = re.compile(
    r"(?:^|[\s.@/:#-])(?:github|gitlab|bitbucket|jira|linear|trello|asana|notion|confluence|calendar|renovate|dependabot|"
    r"launchdarkly|unleash|hubspot|intercom|zendesk|hackerone)\b"
    # People; a service may have such a name too.
    r"|(?:^|[\s#@])(?:(?<=#)|(?=[a-z]+@)|(?<=@))(?:hr|newsletter|accounting|billing|invoices?|recruiting|marketing|sales)\b"
)
OF_A_PROVIDER = Sought(
    r"\b(?:third[- ]party\s+(?:status|service|provider|outage|incident)|(?:vendor|provider)(?:'s)?\s+status(?:\s+page)?"
    r"|(?:investigat\w+|investigation|reported|acknowledged)\s+by\s+(?:the|our)\s+(?:provider|vendor|supplier)"
    # Of a whole region, not of a machine of ours.
    r"|(?:aws|azure|gcp|google\s+cloud|oracle\s+cloud)\s+(?:service\s+)?(?:health|status)\b[^\n]{0,80}\s(?:in|for)\s+(?:the\s+)?"
    r"[a-z]{2,}-[a-z]+-?\d\b"
    r"|status\s+(?:notice|update)\s+(?:of|from|by))\b"
)
OURS = Sought(r"\b(?:our|ours|us|we\s+(?:can\w*|are|see|get|have|fail)|uns|unser\w*|nous|notre|nos|nuestr\w+)\b")
# Beside it, nothing is over in the languages that have it; English says so in more ways.
NOT_YET = listed(
    "nicht noch pas encore todavia aun nao ainda non ancora niet nog nie jeszcze не еще пока ще henuz degil inte annu "
    "neni jeste"
)
NOT_OVER = Sought(
    r"""
    \b(?:logs?|history|trail|journal|evidence)\s+(?:was|were|has\s+been|have\s+been|is|are|got)\s+cleared\b
    |\b(?:not|un|isn't|never|before|until|if|nothing|none)[ -]?(?:yet\s|been\s|is\s)?(?:resolved|recovered|fixed|over
    |restored)\b|(?:n't|\bnobody)\s+(?:\w+\s+)?recovered\b|\b(?:nothing|none|nobody|no\sone)\s(?:is|are|came|comes)\sback\b
    |\b(?:has|have)\sbeen\s(?:down|unreachable|unavailable|offline|failing)\s(?:for|since)\b|\b(?:regress\w*|reopened|re-opened|came\sback(?!\s(?:up|online)\b|\safter\s(?:about\s|only\s)?\d)
    |is\sback\sagain|comes\sback|recurr\w*|reappear\w*
    |firing\sagain|(?:died|dead|crash\w*|broke\w*|slow|stuck|hang\w*|fell\sover|killed)\s(?:yet\s)?again|down\sagain|failing\sagain|still\s(?:firing|failing|down|broken))\b
    """
)
OVER = Sought(
    r"""
    # Up after so long a downtime; it was down, and is no more.
    (?<!not\s)(?<!n't\s)(?<!never\s)(?<!come\s)(?<!not\sback\s)\b(?:up|ok|okay|online|reachable|available|healthy|running
    |back|restored)\s(?:again\s|now\s)?after\s(?:about\s|only\s|some\s)?(?:\d[\w.,:]*\s?(?:\w+\s){0,4}?(?:of\s|being\s)?
    |(?:an?\s|its\s|being\s)?(?:\w+\s)?)(?:downtime|outage|interruption|down|offline|unreachable|unavailable|unavailability)\b
    |(?<!not\s)(?<!n't\s)(?<!never\s)\b(?:up|ok|okay|online|reachable|available|healthy)\b[^\n;]{0,60}?\b(?:was|were
    |had\sbeen)\s(?:down|critical|unreachable|offline|unavailable|failing|unhealthy|in\s(?:alarm|critical|alert))\s(?:for|since|from)\b
    |\b(?:was|were|had\sbeen)\s(?:down|critical|unreachable|offline|unavailable)\sfor\s\d[^\n;]{0,40}?\b(?:is|are
    |now)\s(?:now\s)?(?:back|up|ok|okay|online|reachable)\b(?!\s(?:to\s)?\d)
    |\b(?:is|are|now)\s(?:now\s|back\s)*up\b[^\n;]{0,80}?\bdowntime\W{1,3}(?:was\s)?\d
    |\b(?:outage|downtime|interruption|disruption)\slasted\b|(?<!never\s)(?<!not\s)(?<!nothing\s)(?<!none\s)\b(?:came|is|are)\sback\s(?:up|online)\b
    |^\W*(?:auto[- ]?)?(?:resolved|recovered|cleared|closed|recovery|good\snews|fixed|solved|back\sup)\b\W|^\W*(?:ok|up
    |normal)\b\W{0,2}[:\])|-]|[\[(](?:resolved|recovered|recovery|closed|cleared)\b[^\])]*[\])]|[\[(](?:ok|up)[\])](?!,\s?(?:speed|mac)\b)
    |^\W*(?:monitor
    |site|host|service|check|\w[\w.:/-]*)\s+is\s+(?:now\s+|back\s+)*up\b|\b(?:has|have|is|are|was|were|been|now
    |got)\s+(?:now\s+|been\s+|fully\s+|already\s+|all\s+)*(?:resolved|recovered|cleared|ended|fixed|solved|subsided
    |restored|over(?!\s+(?:\d|the|its|a|an|our|all|\{|\w+\s+(?:percent|%)))|mitigated\s+and|back\s+(?:up|online
    |to\s+normal|in\s+service)|(?:healthy|stable|up|fine|green|normal)\s+again|operational
    |contained\s+and\s+closed)\b|\b(?<!above\s)(?<!than\s)(?<!over\s)(?<!\d\stimes\s)(?:up|online|healthy|reachable
    |available|fast|normal|stable|green|operational
    |working|running|responding|answering|fine|ok|okay|accessible|responsive|quiet|complete|ready|serving
    |back)\s+again\b|\b(?:(?:fixed
    |solved|resolved|recovered)\s+(?:in|with)|(?:fixed|solved|resolved|ended|recovered)\s+(?:since|by|at|after|now
    |on(?!\s+(?:a|an|the|this|that)\b)|\d+\b(?![.,]?\d*\s?%)
    |a\s+(?:minute|while)|itself))\b
    |\b(?:back\s+to\s+normal|back\s+online|back\s+in\s+service|recovered\s+(?:after|at|by)|is\s+back\s+up
    |is\s+now\s+up|(?:attack|flood|ddos|botnet)\b[^.\n]{0,24}\b(?:stopped|ceased|subsided|faded|over)\b
    |stopped\s+(?:\w+\s+){1,3}ago
    |mitigation\s+(?:lifted|removed|deactivated|ended|disabled)|back\s+(?:under|below|within|down\s+to)
    |(?:slow\s+\w+|errors?|problems?|issues?|pages?|timeouts?|symptoms?|delays?)\s+(?:(?:from|of|with|in
    |on)\s+(?:\w+\s+){1,3})?(?:is|are|has|have)\s+(?:all\s+
    |now\s+|been\s+)?gone\b
    |clos(?:ing|ed)\s+(?:this|the\s+(?:incident|ticket|issue|alert|case))|self[-\s]healed|(?:healed|fixed|solved
    |resolved)\s+itself|wrong\s+channel
    |(?:not|no\s+longer)\s+an?\s+(?:issue|problem|incident)(?:\s+(?:any\s?more|any\s+longer))?
    |no\s+longer\s+(?:true|the\s+case|valid)|(?:thanks?|thanked)\s+us|can\s+be\s+closed|(?:could|can)(?:not
    |n't)\s+be\s+reproduced|not\s+reproducible|closed\s+as\s+(?:\w+\s+)?\w+|not\s+applicable
    |(?:is|are|'s)\s+back\s+(?:to|at)\s+(?:\d|normal|usual|baseline)\w*|(?:error|problem|issue|message
    |symptom)s?\s+(?:has\s+|have\s+)?(?:disappeared|vanished|gone\s+away|went\s+away)
    |(?:error|problema|fallo|mensaje)\s+(?:ya\s+)?(?:desaparec\w+|sumiu)|ya\s+(?:puedo|podemos|funciona|va\s+bien
    |esta\s+bien)|ja\s+(?:funciona|consigo)|(?:ora|adesso)\s+funziona
    |(?:that|it|this)\s+(?:one\s+)?was\s+(?:only\s+|just\s+)?(?:me|us|my|our)\b|was\s+me\b|my\s+bad
    |never\s+(?:went\s+down|happened|was\s+down)
    |(?:errors?|problems?|issues?|timeouts?|alerts?|symptoms?|failures)\s+(?:have\s+|has\s+)?(?:stopped|ceased
    |subsided|ended)\b
    |(?:cleared|subsided|went\s+away)\s+(?:after|since|once|when|by\s+itself|itself|at)\b
    |monitoring\s+(?:glitch|artefact|artifact|error|bug)|works?\s+(?:\w+\s+)?again
    |false\s+(?:alarm|positive)|all\s+clear|all\s+good\s+(?:now|again)|never\s+mind|nevermind
    |(?:changed|went|going|goes|switched|moved)\s+(?:\w+\s+)?from\s+\w+\s+(?:to|->|=>|→)\s+(?:green|ok|up|healthy|normal
    |ready|good)(?!\s+(?:to\b|\d))
    |(?<!not\s)(?<!never\s)(?<!n't\s)(?<!nobody\s)(?<!none\s)(?<!\d\s)recovered
    (?=\s*[:;,.]|\s+(?:to|from|after|at|by|in|on)\b|\s*$)(?![^\n]{0,40}\btime)
    |(?:back|returned|reverted|returns)\s+to\s+(?:ok|green|up|healthy)|(?:is|are)\s+up\s+again
    |(?:is|are|was|now)\s+(?:healthy|ready|online)\s+(?:after|within)\s+\d
    |no\s+longer\s+(?:failing|firing|down|affected|slow|breaching)|stopped\s+firing|service\s+restored|(?:attack
    |advanced\s+event|incident|outage|alert|problem|issue|disruption)\s+(?:has\s+)?(?:ended|resolved|closed|over|finished|subsided)
    |alarm\s+to\s+ok|->\s?ok|(?:alarm|down|critical|triggered)\s+(?:to|->|=>|→)\s+(?:ok|up|normal|resolved)
    |(?:retour|revenue?s?|rentree?s?)\s+a\s+la\s+normale|rentre\w*\s+dans\s+l'ordre|fin\s+d(?:e\s+l'|e\s+la\s+
    |u\s+)(?:attaque|panne|incident|alerte|probleme)
    |(?:attaque|panne|incident|probleme|alerte)\s+(?:est\s+)?(?:terminee?|finie?|passee?|regle\w*)
    |(?:refonctionne\w*|remarche\w*|fonctionne\w*\s+(?:a|de)\s+nouveau)
    |(?:angriff|attacke|storung|ausfall|panne|problem|vorfall|alarm)\s+(?:ist\s+|wurde\s+)?(?:\w+\s+)?(?:vorbei
    |beendet|behoben
    |gelost|abgewehrt|erledigt)
    |(?:lauft|laufen|geht|gehen|funktionier\w+|komm\w+|antwort\w+|reagier\w+|ladt|laden)\s+(?:alles\s+|jetzt\s+
    |nun\s+)?wieder
    |(?:ataque|incidente|problema|caida|alerta|incidencia)\s+(?:ya\s+)?(?:ha\s+|se\s+ha\s+|ja\s+
    |foi\s+)?(?:termin\w+|acab\w+|ces\w+|resuelt\w+|resolvid\w+|super\w+|encerrad\w+)
    |(?:vuelve\w*|volvio|voltou|voltaram|torna|tornato|tornata)\s+(?:a\s+|ad\s+)?(?:funciona\w*|funziona\w*
    |operativ\w*|responder|normal\w*)
    |(?:attacco|guasto|problema|incidente)\s+(?:e\s+)?(?:terminato|finito|cessato|risolto|rientrato)
    |(?:aanval|storing|probleem)\s+(?:is\s+)?(?:voorbij|verholpen|opgelost)|(?:atak|awaria
    |problem)\s+(?:jest\s+)?(?:zakonczon\w+|rozwiazan\w+|usuniet\w+)
    |de\s+nouveau\s+(?:disponible|operationnel\w*|en\s+ligne|accessible)|est\s+retabli\w*
    |a\s+ete\s+resolu\w*|est\s+resolu\w*|wieder\s+(?:erreichbar|normal|verfugbar|online|da|in\s+ordnung|stabil
    |schnell|gesund)|behoben|wurde\s+gelost|storung\s+beendet|entwarnung|(?:hat|haben)\s+sich\s+(?:\w+\s+)?(?:erledigt
    |gelost|geklart|gegeben)|(?:s'est|s'est\s+\w+)\s+(?:regle|resolu|arrange)\w*
    |se\s+(?:ha\s+)?(?:soluciono|solucionado|resuelto|resolvio|arreglo|arreglado)|resolveu-se|si\s+e\s+risolt\w+
    |(?:ha\s+sido|fue|esta|queda
    |quedo)\s+(?:resuelt\w+|solucionad\w+|restablecid\w+)|con\s+normalidad|(?:foi|esta)\s+(?:resolvid\w+
    |normalizad\w+|restabelecid\w+)|voltou\s+ao\s+normal|normalizado|(?:e\s+stato\s+|stato\s+)?(?:risolto
    |ripristinato)|tornato\s+(?:normale|online)|opgelost|weer\s+(?:bereikbaar|normaal|online)|rozwiazan\w+
    |naprawion\w+|przywrocon\w+)(?:(?<!\w)|(?!\w))|устранен|восстановлен|снова\s+(?:работает|доступ)|(?:проблема
    |атака|авария|инцидент)\s+(?:уже\s+)?(?:решена|закончил\w+|прекратил\w+|закрыт\w*)|снова\s+(?:в\s+норме|онлайн)
    |已恢复|(?:服务|系统|业务)恢复|(?:攻击|故障|问题)已?(?:结束|停止|消除)|恢复正常|已解决|已修复|已解除|復旧|収束|終息|解消|正常に戻
    |해결되|복구|정상화
    """
)
# As Nagios says it; "service alert: goes up" says nothing of the kind.
OVER_HOST = re.compile(
    r"\b(?i:host|service)\s+(?i:alert|notification|recovery)\b[^\n]{0,80}?[\s/](?:(?i:is)\s+)?(?:UP|OK|RECOVERY)\b(?=\s*(?:-|:|$))"
)
OVER_STATUS = re.compile(
    r"\b(?:resolved|recovered|ok|closed|cleared|end|ended|subsided|inactive|up|healthy|normal|success|succeeded|passed)\b",
    re.IGNORECASE,
)
TEST = Sought(
    r"""
    [,;:.-]\s*(?:please\s+)?(?:ignore|disregard)\W*$|\bit\s+(?:was|is)\s+(?:only\s+|just\s+)?our\s+own\b
    |\b(?:this\s+is\s+(?:only\s+)?(?:a\s+|just\s+a\s+)?(?:test|drill)|test\s+(?:alert|alarm|notification|event
    |message|page|incident)|please\s+ignore|(?:ignore|disregard)\s+(?:this|me|traffic|alerts?|alarms?
    |the\s+(?:alerts?|alarms?|noise))|fire\s?drill|dry\s?run|game\s?day|chaos\s+(?:test|experiment|day)
    |(?:we|i)\b[^.\n]{0,60}\bon\s+purpose|on\s+purpose,|(?:we|i)\b[^.\n]{0,40}\b(?:deliberately|intentionally)
    |(?<!working\s)(?<!work\s)(?<!not\s)as\s+(?:intended|planned|announced)
    |expect\s+(?:a\s+)?(?:few|some|short|brief|little|\d+)\s+\w+|(?:don't|do\s+not)\s+(?:be\s+alarmed|panic|worry)
    |(?:we|i)(?:'ll|\s+will|\s+are\s+going\s+to|'re\s+going\s+to)\b[^.\n]{0,80}\b(?:tomorrow|tonight|next\s+\w+
    |on\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day)
    |sample\s+finding|(?:generated|dummy|fake|mock(?:ed)?|sample|synthetic)\s+(?:data|numbers|values|traffic\s+data)
    |(?:demo|sample|example|dummy)[ -](?:dashboard|board|app|report|graph)
    |this\s+was\s+(?:only\s+|just\s+)?a\s+(?:test|drill|joke)|(?:we|i|they)\s+(?:\w+\s+)?simulat\w+|simulated
    |what\s+to\s+do\s+(?:when|if)|what\s+happens\s+(?:when|if)|(?:describe|document|explain)s?\s+(?:what|how|when)
    |what\s+(?:would|should|could|do|happens)\b[^.!\n]{0,40}\bif\b|what\s+if|hypothetical\w*
    |load[\s-]?test(?:ing|s|ed)?|stress[\s-]?test|pen(?:etration)?\s?test(?:er)?(?!:\w)(?:\s+(?:report|scheduled
    |planned))?|drill
    |rehears\w+|tabletop|(?:just\s+)?(?:testing|checking)\s+(?:that|if|whether)\s+(?:this|the|our)\s+(?:channel|pager
    |alert\w*|integration|hook|webhook)|probealarm|testalarm|testmeldung|probelauf|ubung|bitte\s+ignorieren
    |alerte\s+de\s+test|(?:merci\s+d')?ignorer|exercice|simulacro|alerta\s+de\s+(?:prueba|teste)
    |mensaje\s+de\s+prueba|por\s+favor\s+ignor\w+|simulazione|testbericht|prosze\s+zignorowac|учени\w+
    |проверк\w+\s+(?:связи|оповещени\w+)|тестов\w+\s+(?:сообщени\w+|алерт|тревог\w+))(?:(?<!\w)|(?!\w))|测试(?:告警|报警
    |消息|通知)|演练|请忽略
    |テスト(?:通知|アラート|メール|です)|訓練|무시하
    """
)
NOTICE = Sought(
    r"""
    \b(?:(?:daily|weekly|monthly|quarterly|yearly|annual)\s+(?:[a-z]+\s+)?(?:report|summary|digest|overview|recap
    |newsletter|statistics|review)|reminder|(?:summary|report|digest|statistics)\s+(?:for
    |of)\s+(?:the\s+)?(?:last\s+|past\s+)?(?:week|month|day|quarter|year|january|february|march|april|may|june|july
    |august|september|october|november|december)
    |(?<!after\s)(?<!after\sthe\s)(?<!after\sa\s)(?<!since\s)(?<!since\sthe\s)(?<!following\sthe\s)(?<!despite\sthe\s)
    (?:scheduled|planned|upcoming|announced)\s+(?:maintenance|downtime
    |upgrade|window|restart(?!\s+job)|reboot|failover|migration|work)|downtime(?:start|end|cancelled)
    |(?<!outside\s)(?<!outside\sthe\s)maintenance\s+(?:scheduled|window|planned|notice|completed|:|tonight|tomorrow
    |today
    |on\s+\w+day|at\s+\d|this\s+\w+)
    |will\s+be\s+(?:down|unavailable|offline|read-only|restarted|interrupted)\s+(?:for|from|between|tonight|tomorrow
    |on|at)
    |post.?incident\s+review|lessons?\s+learned|incident\s+review|blog\s+post|simulation(?=\s*:)|planned\s+(?:for
    |on)\s+\w+
    |(?:do|would|will)\s+we\s+(?:get\s+(?:paged|alerted|notified)|notice|know)|(?:could|can|might)\s+(?:it|this
    |that)\s+happen
    |(?:we|i)(?:'re|'m|\s+are|\s+am)\s+(?:preparing|planning|writing|drafting|rehearsing|practi[cs]ing)
    |post.?mortem|retrospective|retro\b|(?:in|from|of)\s+last\s+(?:week|month|quarter
    |year)\b(?!'s)|(?:average|uptime|availability|statistics|incident|outage|attack)\b[^.\n]{0,40}\blast\s+(?:week
    |month|quarter|year)\b
    |(?<!against\s)(?<!than\s)(?<!vs\s)(?<!versus\s)(?<!from\s)(?:last\s+(?:week|month|quarter|year|night)
    |yesterday)'s\s+(?:\w+\s+)?(?:incident|outage
    |attack|downtime|crash|breach|disruption|problem|issue|spike|failure|meeting|call|discussion|review|numbers)s?
    |(?:great|good|nice)\s+(?:job|work)|well\s+done|kudos|has\s+been\s+(?:renewed|upgraded|scheduled|rotated)
    |successfully\s+(?:completed|renewed|deployed|finished|rotated|restored|updated|upgraded|migrated)
    |completed\s+(?:successfully|without\s+errors?)|awareness\s+training|(?:attack|phishing|breach)\s+simulation
    |\w+\s+maintenance:|(?:upgrade|update|version)\s+(?:is\s+)?available|^\W*\w+\s+(?:complete|completed
    |finished)(?=\s*[:.](?!\s*\d))
    |(?:analysis|report|review|investigation|cleanup|test|migration|reindex|maintenance)\s+(?:(?:of|on|for
    |in)\s+(?:[\w.-]+\s+){1,3}?)?(?:is\s+)?(?:finished
    |done|complete|completed|ready)\b
    |(?:do|does|is\s+there|are\s+there|have)\s+(?:we|you|anyone|somebody|a|an
    |any)\b[^.!\n]{0,60}(?<!\bthe\s)(?<!\bour\s)\b(?:runbook|docs?
    |documentation|guide|policy|plan|dashboard|template|checklist|graph|chart|panel|metric|tool|way|command|example)\b
    |(?:blocked|mitigated|stopped|served|handled|prevented)\b[^.\n]{0,50}\b(?:in|during)\s+(?:january|february|march
    |april
    |may|june|july|august|september|october|november|december|20\d\d|q[1-4]|this\s+(?:week|month|quarter|year))\b
    |(?:mitigated|blocked|absorbed|handled|stopped|filtered)\b[^\n]{0,60}\b(?:yesterday|last\s+(?:night|week|month)
    |on\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day|saw\s+(?:none|nothing)|(?:no|without)\s+(?:\w+\s+)?impact)
    |(?:lifecycle|retention|rotation|cleanup|clean-up|expiry)\s+(?:rule|policy|job)\b[^\n]{0,40}\b(?:deleted|removed
    |expired
    |archived|moved|purged)
    |feature\s+(?:flag|toggle|switch)\b[^\n]{0,60}\b(?:enabled|disabled|toggled|turned|created|archived|changed)
    |already\s+(?:revoked|rotated|expired|invalid(?:ated)?|disabled|fixed|patched|reported|known)|(?:revoked|rotated
    |closed|fixed
    |disabled|removed|decommissioned)\s+(?:back\s+)?in\s+(?:20\d\d|january|february|march|april|may|june|july|august
    |september|october|november|december)|(?:sharing|shared|posted|here\s+are)\s+(?:\w+\s+)?(?:slides|recording|notes
    |video
    |article|link|write-?up)s?|(?:my|our|his|her)\s+(?:talk|blog|article|paper|podcast)\b|(?:on-?call
    |shift)\s+hand-?over
    |hand-?over\s*:|shift\s+(?:report|summary)|quiet\s+(?:week|night|day|shift|weekend)
    |(?:cordoned|drained|rebooted|restarted|stopped|paused)\s+by\s+(?:\w+\s+){1,2}for\s+(?:an?\s+
    |the\s+)?(?:\w+\s+)?(?:update
    |upgrade|maintenance|patch|patching|migration|replacement)
    |(?:review|approve|merge)\s+(?:my|the|our|this)\s+(?:pr|mr|patch|change|branch|diff|draft|proposal|rfc)\b
    |what(?:'s|\s+is)\s+(?:the|our)\s+(?:runbook|policy|procedure|process|plan|threshold|sla|slo|command|best|right
    |correct)
    |(?:next|coming)\s+(?:week|month|quarter|sprint|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s+(?:we|i|they)\b
    |(?:daily|weekly|monthly|quarterly)\s*:|no\s+(?:findings|matches|hits|detections|anomalies|indicators)\b
    |(?:wrote|written|writing)\s+(?:\w+\s+)?up\b|how\s+(?:we|they|i|the\s+team)\s+(?:survived|handled|fixed|solved
    |mitigated
    |dealt|debugged|prevented)|(?:comments|feedback|thoughts|suggestions)\s+(?:are\s+)?welcome
    |training|webinar|(?<!after\s)(?<!before\s)(?<!since\s)(?<!at\s)(?<!during\s)lunch|newsletter(?!\s+(?:readers|subscribers|list|recipients))|release\s+notes
    |changelog|graceful(?:ly)?\s+(?:re\w+|shut\w*|stop\w*)
    |exit(?:ed)?\s+(?:with\s+)?(?:code|status)\s+\[?0\b(?!\W+(?:via|by|with|on)\s+signal\W+sig(?:kill|abrt|segv|bus|ill))
    |(?:deploy(?:ment)?|rollout|release|upgrade|migration
    |rotation|restart|failover)\s+(?:of\s+\S+\s+)?(?:succeeded|finished|completed|done|started|begins|is\s+done)
    |(?:raised|lowered|changed|adjusted|tuned|increased|decreased)\s+(?:the|our|its)\s+(?:\w+\s+){0,2}(?:thresholds?
    |limits?|quota|timeouts?|pool\s+size|capacity)(?!\s+(?:of\s+)?(?:is|was|has)\b)
    |[a-z]{2,6}-\d+\s+(?:is\s+|was\s+)?(?:done|closed|moved|merged|assigned|created)
    |^\W*(?:planned|scheduled|announcement|psa)(?=\s*:\s)|(?:pull|merge)\s+request|^\W*(?:pr|mr)\s+[#!]?\d+
    |^\W*(?:quick\s+)?question\b(?![^\n]*\b(?:why|(?:who|anyone|anybody)\s+else|can't|cannot|none\s+of|nobody|because\s+it\s+is)\b)|^\W*(?:would|should)\s+(?:an?|the|we|more|less|it)\b[^\n]*\?\s*$|^\W*(?:which|where
    |who)\b[^\n]*\?\s*$|^\W*(?:fix|feat|chore|refactor|docs?|ci|build|perf)(?:\([^)]*\))?!?:(?=\s)|(?:can|could
    |should|shall)\s+(?:we|i)\s+(?:\w+\s+)?(?:raise|lower|change|add|remove|delete|archive|retire|replace|clean|extend
    |renew
    |document|write|try|switch|book|order|hire|invite|update|rename|move|use|have|get|make
    |schedule|plan|drop|tune|adjust|disable|enable|rotate|merge|release|deploy|buy)\b|\bping\s+me\s+if\b
    |feature\s+request|\b(?:we|i)\s+(?:plan|intend|would\s+like|want|hope)\s+to\s+(?:raise|lower|change|add|remove
    |update|upgrade|rename|move
    |migrate|schedule|rotate|restart|deploy|release|test|drop|tune|disable|enable|buy)\b|how\s+(?:do|does|can|should
    |would|could)\s+(?:i|we|you|one|people|somebody|anyone)\b
    |(?<![a-z]\s)how\s+(?:to|long|many|much)\b(?=[^?\n]*\?)|(?:somebody|someone|anyone|anybody
    |you)\s+(?:please\s+)?(?:explain|review|share|recommend|summari[sz]e)|what\s+(?:does|is\s+the\s+difference)
    |ask(?:s|ed|ing)?\s+(?:how|whether|if|about|what|when)
    |(?:wants?|wanted|like|liked|curious)\s+to\s+know|(?:customer|client|user|partner|somebody
    |someone)s?\s+(?:wants?|would\s+like|wishes|asks?\s+for
    |asked\s+for|requests|requested)\s+(?:an?|to|the|more|some|his|her|their|our)
    |(?:requested|requests|needs|awaits)\s+(?:your|a|his|her)\s+(?:review|approval|feedback)|(?:assigned|mentioned
    |invited)\s+(?:to\s+)?you|commented\s+on
    |wei(?:ss|s)\s+(?:jemand|einer|wer)|wie\s+(?:kann|stelle|mache|bekomme|konfiguriere|lese)\s+(?:ich|man|wir)
    |comment\s+(?:puis-je|peut-on|faire\s+pour|on\s+fait)|quelqu'un\s+(?:sait|saurait)|qui\s+(?:sait
    |peut\s+(?:relire|regarder))
    |(?:alguien|alguem)\s+(?:sabe|recomienda|recomenda)|quien\s+puede\s+revisar|como\s+(?:puedo|se\s+puede|podemos
    |posso|faco)
    |come\s+(?:posso|si\s+fa|faccio)|qualcuno\s+sa\s+(?:come|se|dove)|подскажите|как\s+(?:мне|можно|настроить)
    |wonder(?:s|ing)?\s+(?:how|whether|if|what)
    |question\s+(?:about|on)|thank\s+you\s+for|thanks\s+for|out\s+of\s+office|happy\s+birthday
    |will\s+be\s+(?:deprecated|retired|upgraded|restarted)|^\W*who(?:'s|\s+is)\s+(?:on\s+call|taking|covering)|(?:access
    |erasure|deletion|data\s+subject|subject\s+access)\s+request|(?:security|compliance|soc\s?2|iso\s?27001|gdpr
    |privacy)\s+(?:questionnaire|policy|audit\s+report|certificate|newsletter)|(?:is
    |are)\s+(?:now\s+)?(?:generally\s+)?available\s+(?:for\s+download|in\s+all\s+regions)|price\s+(?:change
    |increase)|early\s+warning\s+test|wartung(?:sarbeiten|sfenster)?|geplante\w*|maintenance\s+(?:planifiee
    |programmee|prevue)|mantenimiento(?:\s+programado)?|manutencao(?:\s+programada)?|manutenzione
    |gepland\s+onderhoud|planowan\w+\s+(?:prace|przerwa)|konserwacja|monatsbericht|wochenbericht
    |rapport\s+(?:mensuel|hebdomadaire)|informe\s+(?:mensual|semanal)|relatorio\s+(?:mensal|semanal)
    |планов\w+\s+(?:работ\w+|обслуживани\w+)|ежемесячн\w+|еженедельн\w+)(?:(?<!\w)|(?!\w))|例行维护|计划维护|维护通知|月报|周报
    |定期メンテナンス|メンテナンスのお知らせ
    |月次レポート|정기\s?점검|점검\s?안내
    """
)
# What stands behind one of these takes back what was said before: "maintenance finished, but the site is still down".
TAKEN_BACK = re.compile(
    r"\b(?:but|still|yet|however|nevertheless|never|aber|trotzdem|immer\s+noch|mais|toujours|pero|sigue\w*|todavia|mas|ainda)\b"
)
# What was done and failed is no notice that it was done.
SOME_FAILED = re.compile(r"\b[1-9][\d,]*\s+(?:[a-z]+\s+)?(?:errors?|failures?|failed|fails|crashes|timeouts?)\b")
# The checks went well, whatever else a number says.
ALL_PASSED = Sought(
    r"\b(?:all|every)\s+(?:\d+\s+)?(?:tests?|checks?|steps?|probes?)\s+(?:have\s+|are\s+)?(?:passed|green|ok)\b"
)
# All is well, unless something is not.
ALL_WELL = Sought(
    r"\b(?:all(?:\s+metrics|\s+graphs|\s+systems|\s+checks)?|everything|everyone)\s+(?:is\s+|are\s+|looks?\s+)?(?:good|fine|ok|okay|healthy|green|normal|well|quiet|"
    r"stable)\b|\bnothing\s+(?:to\s+see|unusual|to\s+worry|wrong)\b|\bno\s+action\s+(?:is\s+)?(?:needed|required)\b"
)
UNWELL = Sought(
    r"\b(?:but|except|however|though|although|yet|while|still|despite|only|until|otherwise|rest|others?|down|dead|died|offline|"
    r"unreachable|unavailable|fail\w*|crash\w*|refus\w*|kill\w*|stuck|leak\w*|attack\w*|flood\w*|stolen|breach\w*)\b|n't\b|\bnot\s"
)
# What was done and is done; beside a word of trouble it is no notice ("cannot write since the key was rotated").
DONE = Sought(
    r"\b(?:renewed|rotated|registered|enrolled|rejoined|reconnected|authenticated|upgraded|rebalanced|archived|"
    r"completed|finished|(?:is|are|now)\s+complete|(?:ended|ran|deployed|restored|migrated|passed)\s+successfully)\b",
)
NONE_OF = re.compile(r"(?<![\d.,])0(?![\d.,]\d)")
# What there is none of is not the matter: "0 errors", "no failures".
NO_TROUBLE = re.compile(
    r"(?<![\d.,])(?:0|no|zero|without(?:\s+any)?|kein\w*|sans|sin|sem)\s+(?:[a-z-]+\s+)?"
    r"(?:errors?|failures?|failed|fails|restarts?|warnings?|problems?|issues?|alerts?|incidents?|timeouts?|downtime|"
    r"outages?|crashes|slow|losses|loss|fehler|erreurs?|errores|erros)\b"
)
FEW_SAID = Sought(
    r"\b(?:(?<![.,-])[1-5][ ]+(?:events?|users?)"
    r"|(?:one|(?<!not\s)a\s+single|(?<!\ba\s)single)\s+(?:user|client|customer|account|device)|1\s+occurrence)\b",
)
# One of them, where others are hit as well: "one user in three", "only a single client can connect".
NOT_FEW = Sought(
    r"\bonly\b|\d\s?%|\b(?:in|of|out\s+of)\s+(?:two|three|four|five|ten|\d+)\b|\b(?:all|any)\s+others?\b"
    r"|\beverybody\b|\beveryone\b",
)
FEW = 5
COUNT_KEYS = ("events", "users", "users_affected", "event_count", "user_count", "occurrences", "affected_users")
_ATTEMPT = r"""
    attempts?|tries|probes?|probing|scans?|scanning|scanner|brute[ -]?forc\w*|password\s+spray\w*
    |credential\s+stuffing|injections?|payloads?|recon\w*|failed\s+(?:password|login|sign|auth)\w*|invalid\s+(?:user
    |password
    |login)s?|phish\w*|logins?|sign-?ins?|uploads?|exploits?|malware|virus|trojan|file|mail|xss|traversal|requests?
    |packets?|crawler|bot|access|commits?|push(?:es)?
    |passwords?|exfiltration|reverse\s+shell
"""
_STOPPED = r"""
    blocked|rejected|denied|dropped|refused|quarantined|prevented|stopped|thwarted|filtered|banned|foiled
    |contained\s+before|bounced|unsuccessful|abgewehrt|blockiert|abgewiesen|abgelehnt|bloque\w*|bloquead\w*
    |rechazad\w*|refuse\w*|bloccat\w*|заблокирован\w*|отклонен\w*
"""
FENDED_OFF = Sought(
    rf"""
    \b(?:{_ATTEMPT})\b[^\n]{{0,90}}?\b(?:{_STOPPED})\b|\b(?:{_STOPPED})\b[^\n]{{0,60}}?\b(?:{_ATTEMPT})\b
    |\b(?:{_ATTEMPT})\b[^\n]{{0,90}}?\b(?:answered|met|served|all)\s+(?:with\s+|got\s+|returned\s+)?(?:an?\s+)?4\d\d\b
    |\b(?:no|0|zero|without|none|nobody|not\sone)\b(?:[^\n,;]|(?<=\d),(?=\d)){{0,30}}?\b(?:success\w*|succeeded
    |clicked|entered
    |accepted|got\s+in
    |reached|exposed|accessed|leaked|affected|compromised|stolen)\b
    |\b(?:result|outcome|action|verdict|disposition)\s?:\s(?:fail\w*|den(?:y|ied)|block\w*|drop\w*|reject\w*|prevented)\b
    # Attempts of which nothing more is said got nowhere.
    |\b(?:(?:ssh|rdp)?brute[ -]?forc\w*|password\s+spray\w*
    |(?:failed|invalid)\s+(?:\w+\s+)?(?:password|login|sign-?in|auth)\w*
    |port\s?(?:scan|probe)\w*|(?:injection|exploit|login|intrusion|xss)\s+(?:attempts?|probes?|scans?)
    |vulnerability\s+scan\w*|failed\s+attempts?)\b
    """
)
NO_SUCCESS = re.compile(
    r"""
    \bsuccess(?:es|ful)?\W{1,3}(?:0|none|no)\b(?![.,]\d)
    |\b(?:remediat|remov|quarantin|clean|mitigat|block)\w*(?:\s(?:was|is|has|been|of|the|action))*\s(?:success\w*
    |succeeded)\b
    |\b(?:no|0(?!\d)|zero|without|none|nobody|not|never|un)[ -]?(?:[\w,-]+\s+){0,4}?(?:success\w*|succeeded|clicked
    |entered|accepted|logged|got\s+in|granted|exposed|accessed|leaked|allowed|downloaded|exported|exploited|compromised
    |reached|stolen)\b
    """,
    re.VERBOSE,
)
GOT_THROUGH = Sought(
    r"""
    \b(?:success(?:ful(?:ly)?)?|succeeded|accepted|(?:then|and|one)\s+(?:logged|signed)\s+in|logged\s+in|got\s+in
    |allowed|granted|bypass(?:ed)?|downloaded|exported|leaked|returned\s+(?!4\d\d)\w+|exploited|compromised
    |exfiltrated|answered\s+2\d\d|exposed|stolen|encrypted|executed|new\s+(?:api\s+)?(?:token|admin|user|key)
    |too\s+late|blocked\s+late|worked|erfolgreich|reussi\w*|exitos\w*|clicked|entered\s+(?:the|his|her|their)|dumped
    |escalated|persist\w+)\b
    """
)

DISTRESS = Sought(
    r"""
    \b(?:fail\w*|error\w*|exception\w*|down|dead|died|slow\w*|high|low|critical|alarm|alert\w*|firing|triggered
    |exceed\w*|above
    |over|below
    |unusual|suspicious|strange|weird|unknown|unexpected|unauthori[sz]ed|nobody|no|not|never|cannot|can't|won't|lost
    |missing|stuck
    |hang\w*|hung|crash\w*|kill\w*|leak\w*|spike\w*|surge\w*|attack\w*|flood\w*|stolen|breach\w*|compromis\w*|warn\w*
    |problem\w*|issue\w*|incident|timeout\w*|timed|refus\w*|reset|reject\w*|denied|block\w*|wait\w*|lock\w*
    |exhaust\w*|full|limit
    |restart\w*|unhealthy|unavailable|unreachable|degraded|broken|bad|wrong|urgent|help|asap|anomal\w*|abnormal
    |violat\w*|burn\w*
    |saturat\w*|overload\w*|\d+x|fell|falls|only|p9[059]|5\d\d|without|too|twice|times|sold|expos\w*|public|drop\w*
    |delay\w*
    |lag\w*)\b
    |n['\u2019]t\b|\b(?:outage\w*|loss|blackout|unresponsive|offline|disappear\w*|increas\w*|rising|elevated|jump\w*
    |climb\w*|grow\w*|nothing|must|complain\w*|but|still|instead|stale|old|behind|thrown|doubled|tripled
    |again\s+and\s+again)\b
    |(?<![\d.])(?:100|[89]\d|\d)(?:[.,]\d+)?\s?%|[^\x00-\x7f]|!!|[<>=]=?\s*\d|\d\s?(?:ms|s|secs?|seconds?|min|minutes?
    |hours?|h|gb|mb|gib|mib|queries|requests|sessions|rows
    |users|events|connections)\b|n\+1
    |\b(?:burst|ruptur\w*|spill\w*|jam(?:med)?|torn|crack\w*|smok\w*|smell\w*|overheat\w*|melt\w*|damag\w*
    |decline\w*|expir\w*)\b
    |\b(?:posted|published|dump\w*|exhaust\w*|runs\s+for)\b
    """
)
"""What sounds as if something were the matter; hints without any of it are talk."""
