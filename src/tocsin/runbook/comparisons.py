"""The words that compare what is measured with a number, in the languages that documents are written in."""

import re

OPS: dict[str, str] = {
    ">": ">", "≥": ">=", ">=": ">=", "=>": ">=", "<": "<", "≤": "<=", "<=": "<=", "=<": "<=", "=": "==", "==": "==",
    "beyond": ">", "past": ">",
    "crossed": ">", "crosses": ">", "crossing": ">", "surpasses": ">", "passes": ">", "exceeded": ">", "hits": ">=",
    "reached": ">=", "above": ">", "over": ">", "exceeds": ">", "exceed": ">", "exceeding": ">", "more than": ">",
    "greater than": ">", "higher than": ">", "longer than": ">", "older than": ">",
    "at least": ">=", "at": ">=", "reaches": ">=", "at or above": ">=", "at or over": ">=",
    "below": "<", "under": "<", "less than": "<", "lower than": "<", "fewer than": "<", "at most": "<=",
    "at or below": "<=", "at or under": "<=",
}  # fmt: skip
"""What compares, in small letters, and how."""

_ABROAD = {
    ">": (
        "größer als|grösser als|groesser als|mehr als|höher als|hoeher als|länger als|laenger als|über|ueber|"
        "oberhalb von|übersteigt|uebersteigt|überschreitet|ueberschreitet|"
        "supérieur à|supérieure à|supérieurs à|superieur a|superieure a|plus de|plus grand que|plus élevé que|"
        "au-dessus de|au dessus de|dépasse|dépassent|depasse|excède|"
        "mayor que|mayor de|mayor a|más de|mas de|superior a|superior al|por encima de|por encima del|supera|superan|"
        "excede|maior que|maior do que|mais de|acima de|acima dos|ultrapassa|ultrapassam|passa de|"
        "maggiore di|maggiore del|più di|piu di|superiore a|superiore al|sopra il|supera il|oltre|oltre il|"
        "meer dan|hoger dan|groter dan|langer dan|boven de|powyżej|więcej niż|większy niż|ponad|przekracza|"
        "больше|более|выше|свыше|превышает"
    ),
    ">=": (
        "mindestens|ab|au moins|à partir de|al menos|como mínimo|a partir de|pelo menos|no mínimo|almeno|minstens|"
        "co najmniej|не менее|erreicht|atteint|alcanza|atinge|raggiunge"
    ),
    "<": (
        "kleiner als|weniger als|niedriger als|geringer als|unter|unterhalb von|unterschreitet|"
        "inférieur à|inférieure à|inferieur a|inferieure a|moins de|en dessous de|au-dessous de|sous|"
        "menor que|menor de|menor a|menos de|inferior a|inferior al|por debajo de|por debajo del|"
        "menor do que|abaixo de|abaixo dos|meno di|inferiore a|inferiore al|sotto il|"
        "minder dan|lager dan|onder de|poniżej|mniej niż|меньше|менее|ниже"
    ),
    "<=": (
        "höchstens|hoechstens|maximal|au plus|au maximum|como máximo|a lo sumo|no máximo|al massimo|hoogstens|не более"
    ),
}
OPS |= {word: op for op, words in _ABROAD.items() for word in words.split("|")}

_MAY_BE_TIMES = (
    "past|at|at or above|at or over|at or below|at or under|over|under|reaches|reached|hits|passes|"
    "über|ueber|unter|ab|erreicht|maximal|sous|plus de|moins de|atteint|"
    "à partir de|supera|superan|alcanza|a partir de|excede|atinge|raggiunge|oltre|oltre il|выше|ниже|более|менее|ponad"
)
NEED_UNIT = frozenset(_MAY_BE_TIMES.split("|"))
"""What compares only a number that has a unit: "at 3" is a time, "über 5" may be about anything."""

LASTING = (
    *(" for", " every", " last", " during", " für", " fuer", " seit", " nach", " pendant", " depuis", " après"),
    *(" durante", " desde", " tras", " após", " há", " hace", " da", " per", " gedurende", " sinds"),
)
"""What stands behind these is how long it lasts, not what is measured."""

_CALLED = {
    "%": "percent prozent procent pct \uff05 パーセント 퍼센트",
    "x": "times mal fois veces vezes volte keer \u00d7 倍 배",
    "ms": ("msec millisecond milliseconds millisekunden millisecondes milisegundos milissegundos ミリ秒 毫秒 밀리초"),
    "s": (
        "sec secs second seconds sek sekunde sekunden seconde secondes seg segundo segundos secondo secondi seconden "
        "sekund sekundę секунд секунду секунды 秒 초"
    ),
    "min": (
        "mins minute minutes minuten minuto minutos minuti minuut minut minutę минут минуту минуты 分 分钟 分間 분"
    ),
    "h": (
        "hr hrs hour hours stunde stunden heure heures hora horas ora ore uur godzinę godzine godzin час часов часа "
        "時間 小时 시간"
    ),
    "d": "day days tag tage tagen jour jours día dia días dias giorno giorni dag dagen dzień dni день дней 日 天",
    "w": "week weeks woche wochen semaine semaines semana semanas settimana settimane",
}
UNITS: dict[str, str] = {name: unit for unit, names in _CALLED.items() for name in names.split()}
"""What units are called, and what they are."""

_SCALED = {
    1e3: "k thousand tausend mille mila mil тысяч tys 千 천",
    1e4: "万 만 萬",
    1e6: "m mio million millions millionen millones milhões milhoes milioni",
    1e9: "bn billion billions mrd milliarde milliarden milliard milliards miliardi bilhões bilhoes",
}
SCALES: dict[str, float] = {name: size for size, names in _SCALED.items() for name in names.split()}
"""What stands behind a number that counts thousands or more."""

SECONDS_OF: dict[str, float] = {"/s": 1.0, "/min": 60.0, "/h": 3600.0, "/d": 86_400.0, "/w": 604_800.0}
"""In so many seconds comes what is counted by time."""

RATES: dict[str, str] = {"rps": "/s", "qps": "/s", "pps": "/s", "rpm": "/min"}
"""Words for how many there are by time, and by which."""

SPANS: dict[str, str] = {name: f"/{unit}" for name, unit in UNITS.items() if f"/{unit}" in SECONDS_OF} | {
    unit.removeprefix("/"): unit for unit in SECONDS_OF
} | {"m": "/min"}  # fmt: skip
"""By which time something is counted that comes "per second", "pro Minute"."""

SPELLED = "|".join(sorted((name for name in SPANS if name < "\u1000"), key=len, reverse=True))
"""What `SPANS` knows that is written with spaces between words, for a pattern."""

BY_TIME = (
    r"(?:(?:/|(?<![^\W\d_])(?:per|an?|each|every|pro|je|par|por|al|alla|à la|a la|na|в)\s)\s?"
    rf"(?P<span>{SPELLED})(?![\w/])|(?P<rate>[rqp]ps|rpm)\b)"
)
"""How a text in small letters says that something is counted by time: "/s", "per second", "pro Minute", "rps"."""


FLOW = rf"(?P<flow>[KMGTkmgt]?(?:i?[Bb]|[Bb]it))\s?(?:/|per\s)\s?(?P<each>{SPELLED})(?!\w)"
"""How a text says how many bytes or bits there are by time: "10 Gbit/s", "300 MB per second"."""


def flow_of(found: re.Match[str]) -> str:
    """Give "Gbit/s" for what a pattern with `FLOW` finds, "" where it found none."""
    return f"{found['flow']}{SPANS[found['each'].casefold()]}" if found["flow"] else ""


def counted_by(found: re.Match[str]) -> str:
    """Give "/s", "/min", "/h", "/d" or "/w" for what a pattern with `BY_TIME` finds, "" where it found none."""
    if found["rate"]:
        return RATES[found["rate"].casefold()]
    return SPANS[found["span"].casefold()] if found["span"] else ""


# In scripts without spaces the comparison stands behind the number ("5%を超える", "5% 이상") or before it ("超过5%").
UNSPACED = re.compile(
    r"(?P<before>超过|超過|大于|高于|多于|(?P<before_ge>达到|不低于)|(?P<before_lt>低于|小于|少于|不到|不足))?\s?(?:(?P<each>毎秒|每秒|초당|毎分|每分钟|每分|분당)\s?)?"
    r"(?P<value>[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?(?P<scale>[kKM]|千|천|万|萬|만)?\s?"
    r"(?P<unit>%|\uff05|パーセント|퍼센트|ms|ミリ秒|毫秒|밀리초|s|秒|초|分钟|分|분|倍|배|[KMGT]i?B)?\s?(?:件|回|次|個|个|건|개|회|リクエスト|请求|요청)?(?P<per>/秒|/分|/s|/min)?\s?"
    r"(?:(?P<gt>を超|を上回|より大き|より高|より多|超(?!过)|초과|[을를] 넘|[을를] 초과|보다 크|보다 높|보다 많)|"
    r"(?P<ge>以上|이상|に達)|"
    r"(?P<lt>未満|未满|を下回|より小さ|より低|より少な|미만|보다 작|보다 낮|보다 적)|(?P<le>以下|이하))?"
)
_EACH = {"/s": "毎秒 每秒 초당 1秒あたり /秒 /s", "/min": "毎分 每分钟 每分 분당 1分あたり /分 /min"}
EACH: dict[str, str] = {each: by for by, names in _EACH.items() for each in names.split()}
PARTICLES = "がはのをもにで이가은는을를의 \u3000、,:\uff1a"
"""What stands between what is measured and its number in these scripts."""
