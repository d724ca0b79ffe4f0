"""Who did what to what, in any language: what is told in scenes, and what the scenes do not tell."""

from collections.abc import Callable

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.matching import match
from tocsin.triage.polarity import clauses
from tocsin.triage.role_words_calm import CALM
from tocsin.triage.role_words_doing import DOING
from tocsin.triage.role_words_people import PEOPLE
from tocsin.triage.role_words_states import STATES
from tocsin.triage.role_words_things import THINGS
from tocsin.triage.role_words_unspaced import UNSPACED_ROLES
from tocsin.triage.roles import Scenes, scenes, told
from tocsin.triage.scenes import ASIDE, EXCUSED, TOLD
from tocsin.triage.standing import standing
from tocsin.triage.topics import BY_NAME
from tocsin.triage.words import words
from unit.triage.conftest import spoken

Make = Callable[..., Alert]
TABLES = (PEOPLE, THINGS, DOING, STATES, CALM)


def told_by(scene: str, text: str) -> bool:
    there = words(text)
    found = told(text, there, clauses(text, there).number, Scenes(scenes("any", scene)))
    return any(not one.denied for one in found)


@pytest.mark.parametrize(
    ("topic", "texts"),
    [
        (
            "breach",
            [
                "somebody from outside walked into our backoffice and copied the member list",
                "ein Fremder hat die Mitgliederliste heruntergeladen",
                "un inconnu a copié le fichier des membres",
                "un extraño descargó el archivo de socios",
                "um estranho baixou o arquivo de sócios",
                "uno sconosciuto ha scaricato l'archivio dei soci",
                "een onbekende heeft de lijst met leden gedownload",
                "ktoś nieznany skopiował listę członków",
                "neznámý útočník stáhl seznam členů",
                "неизвестный скачал список участников",
                "невідомий завантажив список учасників",
                "bilinmeyen biri üye listesini indirdi",
                "en okänd har laddat ner listan över medlemmar",
                "陌生人下载了会员资料",
                "見知らぬ人が会員リストをダウンロードした",
                "모르는 사람이 회원 명단을 다운로드했습니다",
            ],
        ),
        (
            "down",
            [
                "nobody can trade since lunch",
                "niemand kann seit Mittag handeln",
                "personne n'arrive à se connecter",
                "ningún cliente consigue entrar",
                "ninguém consegue entrar",
                "nessuno riesce a entrare",
                "niemand kan bestellen",
                "nikt nie może się zalogować",
                "nikdo se nemůže přihlásit",
                "никто не может войти",
                "ніхто не може увійти",
                "kimse giremiyor",
                "ingen kan logga in",
                "所有人都进不去",
                "誰もログインできません、全員です",
                "아무도 로그인할 수 없습니다",
            ],
        ),
        (
            "flood",
            [
                "crawlers hammer the gateway",
                "tausende Bots prasseln auf den Server ein",
                "des milliers de robots inondent le site",
                "miles de bots inundan el sitio",
                "milhares de bots inundam o site",
                "migliaia di bot inondano il sito",
                "duizenden bots bestoken de site",
                "tysiące botów zalewają serwis",
                "tisíce botů zaplavují web",
                "тысячи ботов заливают сайт",
                "тисячі ботів заливають сайт",
                "bot siteye istek ya\u011fd\u0131r\u0131yor",
                "tusentals bottar översvämmar sajten",
                "大量机器人在攻击我们的接口",
                "大量のボットがサイトを攻撃しています",
                "수천 개의 봇이 사이트를 공격합니다",
            ],
        ),
        ("slow", ["jeder Klick dauert neun Sekunden", "każda strona ładuje się wieki", "画面が開くまで20秒かかる"]),
        ("memory", ["der Prozess frisst den ganzen Speicher", "minnesläcka i tjänsten", "procesowi brak pamięci"]),
        ("database", ["en transaktion låser hela tabellen", "база не справляется", "no quedan conexiones libres"]),
        ("errors", ["część zamówień kończy się błędem", "vissa anrop misslyckas", "některé objednávky selžou"]),
    ],
)
def test_what_happened_is_told_in_any_language(topic: str, texts: list[str]) -> None:
    assert [text for text in texts if topic not in spoken(text)] == []


@pytest.mark.parametrize(
    ("scene", "text", "is_told"),
    [
        ("stranger enters inside", "inside the vault a stranger logged in", True),
        ("stranger enters inside", "a stranger never logged into the vault", False),
        ("stranger enters inside", "a stranger. Then we logged into the vault", False),
        ("nobody acts", "никто не может войти", True),
        ("data exposes > openplace", "records published on a forum", True),
        ("data exposes > openplace", "a forum where records get published", False),
        ("some call fails !dead", "some orders fail", True),
        ("some call fails !dead", "some orders fail, the rest is dead", False),
        ("~trial place", "serveur de test", True),
        ("~trial place", "le test a montré que le nouveau serveur tient", False),
        ("memory exhausted", "Minnesläcka", True),
        ("sees others private", "not my own orders but those of others: I see their balance", True),
        ("changes secured not-me", "the payout address changed and I did not do it", True),
        ("changes secured not-me", "I changed the payout address", False),
        ("rose > from > to > seconds", "lookups went from 20 ms to 6 seconds", True),
        ("rose > from > to > seconds", "it went down for 6 seconds", False),
        ("call > i > not-me", "a withdrawal I never authorised", True),
        ("call > i > not-me", "I never authorised: the withdrawal is fine", False),
        ("nothing > passes", "rien ne passe", True),
        ("database dead", "die Nutzerdatenbank ist tot", True),
        ("hits traffic", "bestookt met nepverkeer", True),
    ],
)
def test_roles_tell_a_scene_where_they_stand_together_and_are_not_denied(
    scene: str, text: str, *, is_told: bool
) -> None:
    assert told_by(scene, text) is is_told


@pytest.mark.parametrize(
    "text",
    [
        "le serveur de test est tombé",
        "el servidor de pruebas no responde",
        "serwer testowy leży",
        "тестовый сервер лежит",
        "es läuft wieder normal, danke",
        "el fallo está resuelto",
        "morgen Abend Wartung, der Dienst ist dann offline",
        "demain soir maintenance, le service sera indisponible",
        "что делать, если сервер упадёт",
        "nous ne sommes pas touchés par leur panne",
        "szkolenie o wyciekach danych",
        "próba wejścia zablokowana",
        "mein Handy hat keinen Speicher mehr",
        "fausse alerte, le site répond",
        "imagine the gateway died at night",
        "I read a thread about how their database died",
        "do you encrypt backups of customer data?",
        "the captcha stopped all the bots",
        "the lag is gone",
        "works again, but we keep an eye on errors",
        "question: is 200 MB of heap a lot?",
        "silenced the alert about slow calls until Friday",
        "a bank's service is down",
        "mail with a fake link, nobody clicked",
    ],
)
def test_what_is_only_told_planned_or_elsewhere_is_no_incident(text: str) -> None:
    assert standing(text, {}, "")


@pytest.mark.parametrize(
    "text",
    [
        "es läuft wieder nicht",
        "das Problem ist noch nicht behoben",
        "test calls to the production server fail",
        "only the EU is hit, the US is not affected",
        "attempt blocked at first, then one login succeeded",
        "maintenance is over but the service is still down",
        "la panne n'est pas encore résolue",
        "problem nie jest jeszcze rozwiązany",
        "проблема ещё не устранена",
        "works again but each call fails with 500",
        "was fixed an hour ago and just died again",
        "question: why does every fourth call fail?",
        "this isn't some drill, the gateway is dead",
    ],
)
def test_what_sounds_like_talk_and_is_none_is_an_incident(text: str) -> None:
    assert standing(text, {}, "") is None


@pytest.mark.parametrize(
    ("text", "incident_type"),
    [
        ("about a tenth of all orders fail", "high-error-rate"),
        ("100% of all orders fail", "sequencer-down"),
        ("not a single user can trade", "sequencer-down"),
        ("a single user cannot trade", None),
        ("load is not coming down, memory climbs by the minute", "out-of-memory"),
        ("müşteri listesi bir forumda sat\u0131l\u0131yor", "data-breach"),
        ("der Drucker antwortet nicht", None),
        ("принтер не отвечает", None),
        ("the Stripe API is down", None),
        ("the nightly job locks the table, all writers wait", "database-slow-queries"),
        ("the nightly job did not run", None),
        ("no more memory leaks in this release", None),
        ("nothing crashed, but postgres is out of connections", "database-slow-queries"),
        ("a subset of clients cannot trade, the others can", "high-error-rate"),
        ("strangers got into my account and emptied it", "data-breach"),
        ("the gateway resets our connections", "sequencer-down"),
        ("bots against us, humans cannot log in", "ddos-attack"),
        ("the Stripe dashboard leaked our customers' records to a stranger", "data-breach"),
    ],
)
def test_scenes_are_weighed_with_all_that_an_alert_says(
    text: str, incident_type: str | None, example: Runbook, alert: Make
) -> None:
    assert match(alert(text), example, {}).incident_type == incident_type


def test_an_entry_is_known_by_a_scene_where_it_says_nothing_else(made_of: Callable[..., Runbook], alert: Make) -> None:
    runbook = made_of({"Zwischenfall A": ["Ein Fremder kopiert Kundendaten"], "Zwischenfall B": ["Speicher voll"]})
    assert match(alert("a stranger copied the customer records"), runbook, {}).incident_type == "zwischenfall-a"


def test_every_word_of_the_tables_is_one_word_of_a_text() -> None:
    every = {word for table in TABLES for text in table.values() for word in text.split()}
    read = {word: [one.text.lower() for one in words(word.rstrip("*"))] for word in every}
    assert {word: there for word, there in read.items() if there != [word.rstrip("*")]} == {}


def test_a_beginning_is_long_enough_to_tell_words_apart() -> None:
    beginnings = [word for table in TABLES for text in table.values() for word in text.split() if word.endswith("*")]
    assert [word for word in beginnings if len(word.rstrip("*")) < len("obc")] == []


def test_every_scene_is_made_of_roles_and_speaks_of_a_topic() -> None:
    roles = {*UNSPACED_ROLES}.union(*TABLES)
    named = {role.strip("~!>") for table in (TOLD, ASIDE, EXCUSED) for text in table.values() for role in text.split()}
    assert named - roles - {"|", ""} == set()
    assert (TOLD | ASIDE).keys() <= BY_NAME.keys()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("word", ["ab" * 3_000, "data" * 1_500, "0" * 6_000, "\u0436" * 6_000])
def test_a_word_without_an_end_holds_nobody_up(example: Runbook, alert: Make, word: str) -> None:
    """Each of its pieces would be looked at, for half a minute."""
    assert match(alert(summary=word), example, {}).incident_type is None
