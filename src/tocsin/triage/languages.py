"""The same topics in other languages: the phrases a customer or a colleague writes in their own.

Accents are folded before comparing, so the words stand here without. Scripts without spaces are searched as they
are (`UNSPACED`).
"""

PHRASES: dict[str, str] = {
    "down": (
        # French, Spanish, Portuguese, Italian
        "en panne|ne repond|ne repond plus|ne repond pas|plus rien ne|ne demarre pas|ne redemarre pas|arrete|"
        "injoignable|indisponible|"
        "hors service|inaccessible|no responde|no contesta|caido|caida|no funciona nada|no arranca|no disponible|"
        "inaccesible|fora do ar|nao responde|indisponivel|caiu|non risponde|irraggiungibile|non disponibile|giu|"
        # German, Dutch, Polish, Russian
        "nicht erreichbar|antwortet nicht|reagiert nicht|ausgefallen|ausfall|startet nicht|abgesturzt|"
        "nicht verfugbar|geht nichts|nichts geht|niet bereikbaar|reageert niet|ligt plat|werkt niet|nie dziala|"
        "nie odpowiada|niedostepny|niedostepna|не отвечает|не работает|недоступен|недоступна|упал|лежит"
    ),
    "errors": (
        "erreur|erreurs|echoue|echouent|fallan|falla|fallos|errores|erros|falham|falha|errore|errori|fallisce|"
        "fehler|fehlermeldung|fehlgeschlagen|schlagt fehl|schlagen fehl|fout|fouten|foutmelding|blad|bledy|"
        "bledow|ошибка|ошибки|ошибок"
    ),
    "memory": (
        "memoire|plus de memoire|memoria|sin memoria|sin ram|sem memoria|speicher|arbeitsspeicher|geheugen|"
        "pamiec|pamieci|"
        "память|памяти"
    ),
    "database": (
        "base de donnees|requete sql|requetes sql|requetes|bloque requetes|base de datos|consultas|"
        "banco de dados|consulta|base dati|datenbank|datenbankserver|abfragen|abfrage|databank|zapytania|baza danych|"
        "bazy danych|база данных|базы данных|запросы базе"
    ),
    "slow": (
        "lent|lente|lents|lentement|lenteur|ralenti|secondes afficher|lento|lenta|lentisima|lentisimo|tarda|"
        "tardan|demora|demorando|"
        "segundos|lentissimo|rallentato|langsam|trage|antwortzeit|antwortzeiten|ladezeit|dauert ewig|traag|"
        "langzaam|wolno|"
        "wolny|powolne|медленно|тормозит|долго"
    ),
    "flood": (
        "attaque en cours|attaque|paquets par seconde|requetes par seconde|inonde|inundando|millones peticiones|"
        "ataque|ataques|peticiones segundo|miles direcciones|inundacion|requisicoes segundo|attacco|"
        "angriff|angriffe|anfragen sekunde|uberflutet|millionen anfragen|aanval|overspoeld|atak|ataku|"
        "zalewaja|атака|атаки|наводнение"
    ),
    "breach": (
        "fuite|fuite de donnees|piratage|pirate|vole|voles|acces non autorise|compromis|filtracion|"
        "filtrado|robado|robaron|robados|acceso no autorizado|hackeado|hackearon|comprometida|comprometido|vazamento|"
        "vazou|invadida|invadido|acesso nao autorizado|violazione|rubato|rubati|accesso non autorizzato|"
        "datenleck|gestohlen|"
        "gehackt|unbefugt|unbefugter|kompromittiert|datenpanne|datalek|gestolen|wyciek|wykradziono|"
        "skradzione|nieautoryzowany|wlamanie|утечка|взлом|взломали|украли"
    ),
}

UNSPACED: dict[str, tuple[str, ...]] = {
    topic: tuple(phrases.split("|"))
    for topic, phrases in {
        "down": (
            "无响应|无法访问|健康检查失败|宕机|服务不可用|応答しません|"
            "応答がない|ダウン|停止|接続できません|응답하지|다운"
        ),
        "errors": ("错误|报错|异常|エラー|오류|에러"),
        "memory": ("内存|メモリ|메모리"),
        "database": ("数据库|慢查询|データベース|クエリ|데이터베이스|쿼리"),
        "slow": ("很慢|缓慢|变慢|延迟|遅い|遅延|重い|느려|느립"),
        "flood": ("攻击|流量激增|请求激增|洪水|攻撃|アクセス急増|공격|트래픽"),
        "breach": ("泄露|泄漏|未授权|被盗|入侵|盗号|漏洩|不正アクセス|不正ログイン|流出|유출|해킹|무단"),
    }.items()
}
