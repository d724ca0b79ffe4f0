"""The words that compare what is measured with a number, in the languages that documents are written in."""

import re

OPS: dict[str, str] = {
    ">": ">", "≥": ">=", ">=": ">=", "<": "<", "≤": "<=", "<=": "<=", "=": "==", "==": "==",
    "beyond": ">", "past": ">",
    "crossed": ">", "crosses": ">", "crossing": ">", "surpasses": ">", "passes": ">", "exceeded": ">", "hits": ">=",
    "reached": ">=", "above": ">", "over": ">", "exceeds": ">", "exceed": ">", "exceeding": ">", "more than": ">",
    "greater than": ">", "higher than": ">", "longer than": ">", "older than": ">",
    "at least": ">=", "at": ">=", "reaches": ">=",
    "below": "<", "under": "<", "less than": "<", "lower than": "<", "fewer than": "<", "at most": "<=",
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
        "maggiore di|maggiore del|più di|piu di|superiore a|superiore al|sopra il|supera il|"
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
    "past|at|over|under|reaches|reached|hits|passes|über|ueber|unter|ab|erreicht|maximal|sous|plus de|moins de|atteint|"
    "à partir de|supera|superan|alcanza|a partir de|excede|atinge|raggiunge|выше|ниже|более|менее|ponad"
)
NEED_UNIT = frozenset(_MAY_BE_TIMES.split("|"))
"""What compares only a number that has a unit: "at 3" is a time, "über 5" may be about anything."""

LASTING = (
    *(" for", " every", " last", " during", " für", " fuer", " seit", " nach", " pendant", " depuis", " après"),
    *(" durante", " desde", " tras", " após", " há", " hace", " da", " per", " gedurende", " sinds"),
)
"""What stands behind these is how long it lasts, not what is measured."""

UNITS: dict[str, str] = {
    **dict.fromkeys(("percent", "prozent", "procent", "\uff05", "パーセント", "퍼센트"), "%"),
    **dict.fromkeys(("times", "mal", "fois", "veces", "vezes", "volte", "keer", "倍", "배"), "x"),
    **dict.fromkeys(("sec", "second", "seconds", "sekunde", "sekunden", "sek", "seconde", "secondes", "segundo"), "s"),
    **dict.fromkeys(("segundos", "secondi", "seconden", "sekund", "секунд", "秒", "초"), "s"),
    **dict.fromkeys(
        ("millisekunden", "millisecondes", "milisegundos", "milissegundos", "ミリ秒", "毫秒", "밀리초"), "ms"
    ),
    **dict.fromkeys(("milliseconds", "millisecond", "msec"), "ms"),
    **dict.fromkeys(
        ("minute", "minutes", "minuten", "minuto", "minutos", "minuti", "minut", "минут", "分", "分钟", "분"), "min"
    ),
    **dict.fromkeys(("stunden", "stunde", "heures", "heure", "horas", "hora"), "h"),
}
"""What units are called, and what they are."""

SCALES: dict[str, float] = {
    "k": 1e3, "m": 1e6, **dict.fromkeys(("mil", "mille", "mila", "tausend", "thousand", "тысяч"), 1e3),
    **dict.fromkeys(("mio", "million", "millions", "millionen", "millones", "milhões", "milhoes", "milioni"), 1e6),
    "千": 1e3, "천": 1e3, "万": 1e4, "만": 1e4, "萬": 1e4,
}  # fmt: skip
"""What stands behind a number that counts thousands or more."""

_BY = {
    "/s": "s|sec|secs?|seconds?|sekunde|seconde|segundo|secondo|секунду",
    "/min": "m|min|mins|minutes?|minuto|minuut|минуту",
    "/h": "h|hr|hour|hours?|stunde|heure|hora|ora|uur|час",
    "/d": "day|tag|jour|día|dia|giorno",
}
_BY_UNIT = {"rps": "/s", "qps": "/s", "pps": "/s", "rpm": "/min"}
_TIMES = "|".join(sorted("|".join(_BY.values()).replace("s?", "").split("|"), key=len, reverse=True))
_NOUN = r"[a-zà-öø-ÿа-яё]{3,20}"
BY_TIME = (
    rf"(?:(?P<of>tx|{_NOUN})\s?)?(?:/|\b(?:per|an?|each|every|pro|je|par|por|al|alla|в)\s)\s?(?:{_TIMES})s?(?![\w/])"
    r"|[rqp]ps\b|rpm\b"
)
"""A unit of what is counted by time: "/s", "req/min", "requests per second", "Anfragen pro Minute", "rps"."""

_TIME_OF = re.compile(rf"(?:{_TIMES})s?$", re.IGNORECASE)
_SPAN_OF = {name: unit for unit, names in _BY.items() for name in names.replace("s?", "").split("|")}


def counted_by(unit: str) -> str:
    """Give "/s", "/min", "/h" or "/d" for a unit that `BY_TIME` finds, "" for another."""
    folded = unit.casefold().strip()
    if folded in _BY_UNIT:
        return _BY_UNIT[folded]
    # "MB/s" is a rate of its own.
    if folded.endswith("b/s") or ("/" not in folded and " " not in folded):
        return ""
    last = re.split(r"[/\s]", folded)[-1]
    return _SPAN_OF.get(last) or _SPAN_OF.get(last.removesuffix("s"), "")


# In scripts without spaces the comparison stands behind the number ("5%を超える", "5% 이상") or before it ("超过5%").
UNSPACED = re.compile(
    r"(?P<before>超过|超過|大于|高于|多于|(?P<before_ge>达到|不低于)|(?P<before_lt>低于|小于|少于|不到|不足))?\s?(?:(?P<each>毎秒|每秒|초당|毎分|每分钟|每分|분당)\s?)?"
    r"(?P<value>[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?(?P<scale>[kKM]|千|천|万|萬|만)?\s?"
    r"(?P<unit>%|\uff05|パーセント|퍼센트|ms|ミリ秒|毫秒|밀리초|s|秒|초|分钟|分|분|倍|배|[KMGT]i?B)?\s?(?:件|回|次|個|个|건|개|회|リクエスト|请求|요청)?(?P<per>/秒|/分|/s|/min)?\s?"
    r"(?:(?P<gt>を超|を上回|より大き|より高|より多|超(?!过)|초과|[을를] 넘|[을를] 초과|보다 크|보다 높|보다 많)|"
    r"(?P<ge>以上|이상|に達)|"
    r"(?P<lt>未満|未满|を下回|より小さ|より低|より少な|미만|보다 작|보다 낮|보다 적)|(?P<le>以下|이하))?"
)
EACH = {"毎秒": "/s", "每秒": "/s", "초당": "/s", "毎分": "/min", "每分钟": "/min", "每分": "/min", "분당": "/min"} | {
    "/秒": "/s", "/s": "/s", "/分": "/min", "/min": "/min",
}  # fmt: skip
PARTICLES = "がはのをもにで이가은는을를의 \u3000、,:\uff1a"
"""What stands between what is measured and its number in these scripts."""
