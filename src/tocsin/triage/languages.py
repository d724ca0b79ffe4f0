"""The same topics in other languages: the phrases a customer or a colleague writes in their own.

Accents are folded before comparing, so the words stand here without. Scripts without spaces are searched as they
are (`UNSPACED`).
"""

from tocsin.triage.words import words

PHRASES: dict[str, str] = {
    "down": (
        # French, Spanish, Portuguese, Italian
        "plus moyen|pas moyen|"
        "bricht ab|bricht komplett ab|verbindungsversuch verweigert|verbindung verweigert|verweigert verbindung|"
        "ligt uit|ligt volledig uit|niemand krijgt|"
        "nicht mehr hochgekommen|kommt nicht mehr hoch|port zu|"
        "refuse connexions|refuse toutes connexions|connexions refusees|conexiones rechazadas|"
        "ohne lebenszeichen|kein lebenszeichen|neustart schlagt fehl|start schlagt fehl|redemarrage echoue|"
        "соединения сбрасываются|не принимает|"
        "en panne|ne repond|ne repond plus|ne repond pas|plus rien ne|rien ne marche|ne demarre pas|ne demarre plus|"
        "tout est tombe|personne ne peut|ne s'ouvre pas|ne s'ouvre plus|ne charge pas|ne charge plus|"
        "ne redemarre pas|arrete|a l'arret|hors ligne|injoignable|indisponible|hors service|inaccessible|plante|"
        "plus acces|aucune acceptee|aucun accepte|ne fonctionne plus|ne marche plus|tombe en panne|no responde|"
        "nadie puede entrar|no carga|no abre|no se abre|no entra|todo caido|"
        "no contesta|no funciona|caido|caida|caidos|se cayo|no funciona nada|no arranca|no levanta|no disponible|"
        "inaccesible|fuera de servicio|fuera de linea|ninguna aceptada|nadie puede|parado|detenido|fora do ar|"
        "nao carrega|nao abre|nao sobe|"
        "nao responde|nao funciona|indisponivel|caiu|travou|parou|ninguem consegue|non risponde|non funziona|"
        "irraggiungibile|non disponibile|giu|fermo|bloccato|nessuna accettata|nessuno riesce|"
        # German, Dutch, Polish, Turkish, Russian
        "nicht erreichbar|unerreichbar|antwortet nicht|antwortet nicht mehr|keine antwort|reagiert nicht|"
        "ausgefallen|ausfall|totalausfall|startet nicht|abgesturzt|sturzt ab|nicht verfugbar|geht nichts|"
        "nichts geht|geht nicht mehr|existiert nicht mehr|lauft nicht|lauft nicht mehr|komplett weg|kein antwortet|"
        "keiner antwortet|prozess beendet|beendet code|kein angenommen|"
        "keine angenommen|tot|offline|niet bereikbaar|onbereikbaar|reageert niet|ligt plat|ligt eruit|werkt niet|"
        "start niet|nie dziala|nie odpowiada|niedostepny|niedostepna|nie startuje|padl|padla|lezy|calismiyor|"
        "erisilemiyor|yanit vermiyor|coktu|не отвечает|не отвечают|не работает|не работают|недоступен|недоступна|"
        "недоступно|упал|упала|упало|лежит|легла|лег|не запускается|не поднимается|не принимаются|никто не может|"
        "ne demarrent plus|ne demarrent pas|a plante|est tombe|sont tombes|coupure|coupe|ne repondent pas|"
        "ne repondent plus|ne s'affiche plus|impossible de se connecter|impossible d'acceder|aucune reponse|"
        "aucun client|plus aucun|no arrancan|no responden|no se puede acceder|imposible entrar|ninguna respuesta|"
        "sin respuesta|sin servicio|se ha caido|esta caida|esta caido|no levantan|nao entra|"
        "nao consegue acessar|sem resposta|esta fora|derrubado|parou de responder|non si apre|non carica|non parte|"
        "nessuna risposta|e giu|si e fermato|nicht mehr erreichbar|reagieren nicht|nicht aufrufbar|ladt nicht|"
        "laden nicht|niemand kann|keiner kann|geht nicht|steht still|ist weg|hangt komplett|kommt nicht hoch|"
        "fahrt nicht hoch|doet het niet|laadt niet|niemand kan|nie laduje|nie wstaje|nikt nie moze|acilmiyor|"
        "kimse giremiyor|не открывается|не открываются|не грузится|не грузятся|никто не|не стартует|"
        "перестал отвечать|перестало отвечать|не доступен|нет ответа|зависло|зависла|завис"
    ),
    "errors": (
        "serverfehler|internen serverfehler|interner serverfehler|"
        "taux d'erreur|renvoie 500|renvoient 500|retorna erro|retornam erro|devuelve error|devuelven error|"
        "liefert 500|werfen fehler|wirft fehler|"
        "erreur|erreurs|echoue|echouent|echec|echecs|fallan|falla|fallos|fallo|errores|erros|erro|falham|falha|"
        "falhas|errore|errori|fallisce|falliscono|fehler|fehlern|fehlermeldung|fehlgeschlagen|schlagt fehl|"
        "schlagen fehl|scheitern|fout|fouten|foutmelding|mislukt|mislukken|blad|bledy|bledow|hata|hatalar|hatasi|"
        "успешность упала|падает ошибкой|падают ошибкой|часть запросов|ошибка|ошибки|ошибок|ошибку|сбой|сбои|"
        "возвращает 500|возвращают 500|"
        "erreur interne|erreurs 500|exceptions|en erreur|une partie des requetes|un appel sur|requetes echouent|"
        "error interno|errores 500|excepciones|parte de las peticiones|de cada cien|de cada diez|erro interno|"
        "erros 500|excecoes|parte das chamadas|algumas chamadas|errore interno|errori 500|eccezioni|"
        "alcune richieste|parte delle richieste|jede zehnte|jede zwanzigste|jeder zehnte|teil der anfragen|"
        "anfragen schlagen|fehlerquote|fehlerrate|interner fehler|ausnahme|ausnahmen|een deel van|interne fout|"
        "foutpercentage|czesc zapytan|blad wewnetrzny|istekler basarisiz|hata orani|внутренняя ошибка|"
        "каждый десятый|каждый пятый|часть пользователей|доля ошибок|исключение|исключения"
    ),
    "memory": (
        "no queda memoria|queda poca memoria|no hay memoria|plus memoire disponible|reste plus memoire|"
        "speicher alle|nao ha memoria|nao sobra memoria|non c'e memoria|не осталось памяти|не хватает памяти|"
        "memoire explose|memoire saturee|memoria agotada|come memoria|comiendo memoria|speicher lauft voll|ram voll|"
        "memoire|plus de memoire|manque de memoire|memoria|sin memoria|sin ram|sem memoria|falta de memoria|"
        "memoria llena|memoria esaurita|speicher|speicher voll|arbeitsspeicher|speichermangel|geheugen|geheugen vol|"
        "pamiec|pamieci|brak pamieci|bellek|память|памяти|памятью|оперативки|оперативной|"
        "saturation memoire|fuite memoire|a court de memoire|memoire pleine|consomme toute|fuga de memoria|"
        "memoria al|ram al|consume toda|se queda sin memoria|vazamento de memoria|memoria cheia|consumindo toda|"
        "perdita di memoria|memoria piena|finito la memoria|consuma tutta|speicherleck|speicherverbrauch|"
        "kein speicher|zu wenig speicher|speicher erschopft|geheugenlek|geheugengebruik|wyciek pamieci|"
        "pamiec zapelniona|bellek sizintisi|bellek doldu|утечка памяти|нехватка памяти|закончилась память|"
        "съедает память|кончилась память"
    ),
    "database": (
        "base de donnees|base saturee|requete sql|requetes sql|bloque requetes|requetes lentes|"
        "base de datos|consultas|consultas lentas|banco de dados|consulta|base dati|query lente|datenbank|"
        "datenbankserver|hohe db last|abfragen|abfrage|langsame abfragen|databank|trage queries|"
        "zapytania wolne|baza danych|bazy danych|veritabani|sorgular|база данных|базы данных|базе данных|"
        "запросы базе|база тормозит|запросы висят|медленные запросы|блокировки|"
        "requete bloquee|requetes bloquees|verrou|verrous|la bdd|bdd|consultas bloqueadas|bloqueo|bloqueos|la bd|"
        "travada|query bloccate|blocchi|il database|datenbank ausgelastet|sperre|"
        "datenbankabfragen|db server ausgelastet|db server langsam|db server traag|"
        "vergrendeling|blokady|baza przeciazona|kilitlenme|блокировка|запрос висит|"
        "запросы зависли|база перегружена|бд"
    ),
    "slow": (
        "temps chargement|tiempo carga|tempo carregamento|tempo caricamento|laadtijd|czas ladowania|время загрузки|"
        "eternite|eternite afficher|secondes s'afficher|"
        "lent|lente|lents|lentement|lenteur|ralenti|ralentissement|secondes afficher|met secondes|mettent secondes|"
        "trop longtemps|lento|lenta|lentos|lentisima|lentisimo|lentitud|tarda|tardan|demora|demoran|demorando|"
        "demorado|segundos|lentidao|arrastando|travando|lentissimo|lentezza|rallentato|ci mette|langsam|langsame|"
        "langsamer|trage|schleppend|antwortzeit|antwortzeiten|ladezeit|dauert ewig|dauern ewig|dauert sekunden|"
        "traag|langzaam|laadt traag|wolno|wolny|powolne|dlugo|yavas|медленно|медленный|тормозит|тормозят|долго|"
        "зависает|"
        "rame|rament|met une eternite|temps de reponse|tres lent|hyper lent|secondes pour|met plusieurs secondes|"
        "muy lento|muy lenta|va lento|va lenta|tarda mucho|tiempo de respuesta|eterno|muito lento|muito lenta|"
        "demora muito|tempo de resposta|molto lento|molto lenta|tempo di risposta|lentissima|sehr langsam|"
        "extrem langsam|braucht lange|ladt ewig|braucht ewig|zah|sekunden bis|erg traag|heel traag|reactietijd|"
        "bardzo wolno|czas odpowiedzi|cok yavas|yavasladi|очень медленно|время ответа|грузится долго|еле работает|"
        "тупит|тупят"
    ),
    "flood": (
        "дудос|дудосят|досят|"
        "attaque en cours|attaque|attaques|paquets par seconde|requetes par seconde|avalanche requetes|"
        "milliers d'adresses|deluge|inonde|inonder|submerge|submerges|trafic anormal|inundando|millones peticiones|"
        "atacan|atacando|nos atacan|attaquent|on nous attaque|greifen uns an|greift uns an|bombardiert|bombardent|"
        "bombardean|"
        "milioni di richieste|milioni richieste|millones de peticiones|milhoes de requisicoes|millions de requetes|"
        "millionen anfragen|millionen von anfragen|migliaia di ip|avalancha|trafico veces|trafic fois|"
        "ataque|ataques|peticiones segundo|peticiones por segundo|miles direcciones|miles de ips|inundacion|"
        "trafico anormal|denegacion de servicio|saturando ancho|trafico basura|bande passante saturee|"
        "bandbreite ausgelastet|prasseln anfragen|requisicoes segundo|requisicoes por segundo|negacao de servico|"
        "attacco|attacchi|richieste al secondo|migliaia indirizzi|angriff|angriffe|angegriffen|anfragen sekunde|"
        "anfragen pro sekunde|anfrageflut|uberflutet|uberschwemmt|uberrannt|tausende adressen|"
        "aanval|overspoeld|verzoeken per seconde|atak|ataku|zalewaja|zapytan na sekunde|saldiri|saniyede istek|"
        "заваливают|завалили|ддосят|спамят|заливают|запросами адресов|атака|атаки|атакуют|ддос|наводнение|"
        "запросов секунду|запросов в секунду|тысяч запросов|флуд|"
        "on se fait attaquer|bombarde de requetes|trafic multiplie|requetes malveillantes|pic de trafic|botnets|"
        "nos bombardean|trafico multiplicado|pico de trafico|peticiones maliciosas|avalancha de peticiones|"
        "estamos sendo atacados|inundados de requisicoes|pico de trafego|trafego anormal|trafego|sotto attacco|"
        "picco di traffico|inondati di richieste|richieste malevole|werden angegriffen|traffic explodiert|"
        "lastspitze|massenhaft anfragen|millionen zugriffe|zugriffe sekunde|aangevallen|verkeerspiek|"
        "miljoenen verzoeken|atakuja|zalew zapytan|saldiri altindayiz|istek yagmuru|нас атакуют|всплеск трафика|"
        "шквал запросов|трафик вырос|миллионы запросов|ботнет"
    ),
    "breach": (
        "was ik niet geweest|dat was ik niet|war ich nicht|das war ich nicht|"
        "mot de passe clair|passwort klartext|passworter klartext|contrasena texto plano|contrasenas texto plano|"
        "senha texto puro|password in chiaro|ausgeschiedenen kollegen|ausgeschiedener kollege|ehemaligen kollegen|"
        "ehemaliger mitarbeiter|ehemaligen mitarbeiters|ancien employe|ancien collegue|ex empleado|ex funcionario|"
        "ex dipendente|"
        "datos de otras personas|datos de otra persona|daten anderer personen|donnees d'autres personnes|"
        "dados de outras pessoas|dati di altre persone|чужие данные|данные других|"
        "вывел средства|вывели средства|списали средства|украли средства|без подтверждения|без ведома|"
        "ohne zustimmung|ohne wissen|abgebucht|versehentlich verschickt|kundenliste verschickt|sans autorisation|"
        "a son insu|sin su permiso|sin permiso|senza permesso|senza autorizzazione|sem permissao|"
        "autres clients|donnees d'autres|commandes d'autres|compte d'un autre|otros clientes|datos de otros|"
        "outros clientes|dados de outros|andere kunden|anderer kunden|fremde daten|daten fremder|altri clienti|"
        "cuentas vaciadas|vaciado|vaciadas|vaciaron|no fueron ellos|nadie lo hizo|comptes vides|vider comptes|"
        "konten leer|"
        "contas esvaziadas|ce n'est pas moi|etait pas nous|n'est pas nous|waren wir nicht|waren sie nicht|"
        "fuga de datos|fuga datos|fuga di dati|fuga de dados|en vente|zum verkauf|a la venta|a venda|in vendita|"
        "vendio|vendieron|vendu|vendus|en un foro|sur un forum|"
        "in einem forum|auf einem forum|em um forum|"
        "fuite|fuite de donnees|piratage|pirate|piratee|vole|volee|voles|acces non autorise|compromis|compromise|"
        "intrus|usurpation|filtracion|filtraron|filtrado|filtrados|robado|robada|robaron|robados|"
        "acceso no autorizado|sin autorizacion|hackeado|hackeada|hackearon|comprometida|comprometido|intruso|"
        "nadie creo|no fui yo|vazamento|vazou|vazaram|invadida|invadido|invadiram|acesso nao autorizado|"
        "sem autorizacao|nao fui eu|violazione|rubato|rubati|accesso non autorizzato|violato|datenleck|datenabfluss|"
        "gestohlen|gehackt|unbefugt|unbefugter|unbefugte|kompromittiert|datenpanne|fremder zugriff|frei abrufbar|"
        "offentlich abrufbar|nicht ich|eingedrungen|einbruch|datalek|gestolen|gehackt|onbevoegd|wyciek|wyciekly|"
        "wyciekl|wyciekla|wykradziono|skradzione|nieautoryzowany|wlamanie|wlamal|sizdi|calindi|yetkisiz|hacklendi|"
        "утечка|утекли|слили|взлом|взломали|взломан|украли|украден|похитили|несанкционирован|чужого ip|скачал базу|"
        "вывели деньги|"
        "acces frauduleux|compte pirate|comptes pirates|donnees clients|donnees exposees|base volee|"
        "mot de passe change|intrusion|s'est connecte|cuenta hackeada|cuentas hackeadas|datos expuestos|base robada|"
        "datos filtrados|entro en mi cuenta|cambio mi contrasena|conta hackeada|contas hackeadas|dados expostos|"
        "dados vazados|base roubada|entrou na minha conta|account violato|dati esposti|dati rubati|"
        "entrato nel account|cambiato password|konto gehackt|konten gehackt|daten gestohlen|daten offentlich|"
        "passwort geandert|zugangsdaten|fremde person|eingeloggt|account gehackt|gegevens gestolen|gegevens gelekt|"
        "konto przejete|dane wyciekly|hesabim calindi|veriler sizdirildi|аккаунт взломали|аккаунты взломали|"
        "сменили пароль|утечка данных|данные клиентов|продают базу|продает базу|украли данные|чужой вход|"
        "вошли в аккаунт"
    ),
}

UNSPACED: dict[str, tuple[str, ...]] = {
    topic: tuple(phrases.split("|"))
    for topic, phrases in {
        "down": (
            "无响应|没有响应|无法访问|打不开|连不上|健康检查失败|宕机|挂了|服务不可用|无法启动|应用崩溃|全部失败|"
            "応答しません|応答がない|応答しない|応答なし|"
            "ダウン|停止|落ちて|落ちました|接続できません|つながらない|繋がらない|アクセスできない|"
            "アクセスできません|起動しない|起動できない|"
            "응답하지|응답이 없|다운|접속이 안|접속할 수 없|멈췄|중단|"
            "连接失败|无法连接|全部超时|崩溃|无法使用|用不了|服务停止|接口不通|サービス停止|落ちている|"
            "応答がありません|表示されません|開けません|使えません|起動しません|접속 불가|접속이 되지|"
            "응답 없음|서버가 죽|열리지"
        ),
        "errors": (
            "错误|报错|出错|异常|失败率|エラー|失敗する|失敗します|不具合|오류|에러|실패|失败|内部错误|报500|"
            "返回500|500错误|異常|500エラー|失敗|エラーが出|에러가|오류가|실패합"
        ),
        "memory": (
            "内存|記憶體|メモリ|메모리|内存溢出|内存泄漏|内存不足|内存耗尽|メモリ不足|メモリリーク|メモリ使用率|"
            "메모리 부족|메모리 누수"
        ),
        "database": (
            "数据库|資料庫|慢查询|锁等待|死锁|连接池|データベース|クエリ|デッドロック|スロークエリ|데이터베이스|쿼리|"
            "查询缓慢|连接数|锁表|数据库CPU|慢SQL|データベースのCPU|ロック待ち|DB負荷|쿼리가|락 대기|DB 부하"
        ),
        "slow": (
            "很慢|太慢|特别慢|非常慢|缓慢|变慢|卡顿|延迟|超时|遅い|遅く|遅すぎ|遅延|重い|重く|느려|느립|느린|지연|"
            "넘게 걸|초 걸|걸립니다|걸려요|"
            "响应慢|响应时间|加载很久|转圈|超时严重|反应慢|応答時間|表示に|時間がかか|読み込みが|응답 시간|"
            "오래 걸|로딩"
        ),
        "flood": (
            "攻击|流量激增|流量暴增|流量异常|请求激增|请求暴增|请求量|大流量|洪水|洪泛|"
            "僵尸网络|刷接口|"
            "攻撃|アクセス急増|アクセスが急増|"
            "アクセス集中|殺到|大量のアクセス|大量のリクエスト|トラフィック急増|공격|트래픽|요청 폭주|폭주|디도스|"
            "DDoS攻击|遭受攻击|恶意请求|每秒请求|流量攻击|肉鸡|DDoS攻撃|不正なアクセスが大量|リクエストが急増|"
            "毎秒|트래픽 폭증|공격을 받|초당"
        ),
        "breach": (
            "泄露|泄漏|外泄|未授权|被盗|盗取|窃取|入侵|黑客|"
            "盗号|陌生|异地登录|不是我|撞库成功|漏洩|"
            "漏えい|不正アクセス|不正ログイン|"
            "不正利用|不正な|乗っ取|流出|盗まれ|侵入|身に覚えのない|"
            "不明な国|見知らぬ|不審なログイン|管理者ログイン|"
            "유출|해킹|무단|도용|탈취|침입|모르는|"
            "数据库被拖|拖库|脱库|账号被盗|密码被改|客户资料|泄密|個人情報|情報漏|アカウントが乗|パスワードが変更|"
            "개인정보|계정이 도용|비밀번호가 변경"
        ),
    }.items()
}

FAMILIES: dict[str, str] = {
    "clients": (
        "kunden kunde nutzer anwender clientes usuarios utilisateurs utenti clienti klanten gebruikers klienci "
        "uzytkownicy пользователи пользователей пользователь клиенты клиентов"
    ),
    "call": (
        "aufrufe aufruf anfrage bestellungen llamadas llamada peticiones solicitudes envios appel requete "
        "requetes commandes chamadas chamada requisicoes richieste chiamate ordini aanroepen verzoeken запрос "
        "запросы запросов заявка заявки вызовов вызовы"
    ),
    "fails": (
        "fehlschlagen scheitern echouent refusees fallan rechazadas rechazados falham recusadas falliscono "
        "rifiutate mislukken падают падает отклоняются отклонены"
    ),
    "gone": (
        "ausgefallen abgesturzt caido caida caidos muerto parado detenido tombe caduto fermo упал упала упало "
        "лежит остановлен"
    ),
    "service": (
        "seite anwendung plattform servicio aplicacion plataforma sitio plateforme servizio applicazione sito "
        "servico aplicacao приложение сайт"
    ),
    "nobody": "niemand keiner nadie personne ninguem nessuno никто nikt",
    "works": (
        "einloggen anmelden zugreifen erreichen entrar acceder enviar connecter acessar accedere entrare inviare "
        "войти зайти подключиться отправить inloggen"
    ),
    "strained": (
        "uberlastet ausgelastet saturee sature saturada saturado satura colgada colgado sovraccarico перегружена"
    ),
    "query": "abfrage abfragen requete requetes consulta consultas запросы запрос zapytania",
    "waits": (
        "stauen warten blockiert attendent attente empilent bloquees bloquee esperan espera acumulan atascadas "
        "aguardando empilhando travadas attesa accodano bloccate очереди ждут висят"
    ),
    "traffic": (
        "zugriffe aufrufe pakete paquets paquetes solicitudes accesos requisicoes pacotes acessos pacchetti "
        "accessi пакетов адресов verzoeken verkeer zapytan adressen adresses direcciones enderecos indirizzi "
        "запросы requete"
    ),
    "excess": (
        "flut massenhaft unmengen mull deluge milliers bidon fausses basura falsas falsos miles avalancha "
        "inundacion lixo milhares inundacao spazzatura migliaia valanga tausende tausenden millionen поток шквал "
        "лавина мусор мусорных тысяч тысячи миллионы наплыв valse miljoenen duizenden falszywych tysiace"
    ),
    "memory": "geheugen pamiec памяти оперативной оперативки куча кучи",
    "exhausted": (
        "voll erschopft knapp frisst steigt wachst uberlauf agota agotada agotado llena lleno crece consume "
        "saturee pleine epuisee manque grimpe explose fuite cheia esgotada estoura cresce piena esaurita esaurito "
        "finita vol переполнена кончилась закончилась съедает растет утечка заканчивается нехватка"
    ),
    "credential": (
        "passworter kennwort zugangsdaten contrasenas clave claves senhas chave chaves chiave chiavi credenziali "
        "пароли ключи wachtwoord"
    ),
    "exposed": (
        "veroffentlicht geleakt publicado publicados publicada publicadas filtrado expuesto expuestos expuesta "
        "publie publiee publies publiees exposee exposees divulgue vazado vazados exposto exposta expostos "
        "pubblicato pubblicati esposti esposto выложили выложены опубликован опубликованы открытом открытый "
        "gelekt gepubliceerd"
    ),
    "data": (
        "daten datensatze clientes kunden kundenliste clienti dati gegevens klantgegevens klanten kundendatensatz "
        "datensatz datensatze dane данных "
        "базу таблицу"
    ),
    "taken": (
        "abgezogen gezogen abgegriffen abgesaugt verkauft angeboten copiados copio copiaron descargo vendidos exporto "
        "exportaron copiees "
        "telechargees vendues vendus exporte baixou copiou exportou scaricato copiato venduto esportato скачал "
        "скачали выгрузил выгрузили скопировал скопировали продают украл gekopieerd gedownload verkocht"
    ),
    "account": (
        "administradores administrateurs amministratore учетная учетку учеткой учетной учетную админа "
        "администратора beheerder beheerdersaccount"
    ),
    "usurped": (
        "gekapert ubernommen missbraucht robada robado secuestrada pirate piratee volee usurpe invadida roubada "
        "violato rubato украден gestolen overgenomen"
    ),
    "stranger": "unbekannten inconnus desconocidos desconhecidos sconosciuti неизвестные niemand",
    "enters": (
        "zugegriffen verschafft exportiert iniciado exporto acces exporte exportado iniciou entrato acceduto "
        "scaricato esportato зашел залогинился выгрузил выгрузили toegang"
    ),
    "slow": (
        "langsam langsamer ewig lento lenta lentisima lentisimo eternidad eternite lent lente lentissimo медленно "
        "долго traag"
    ),
    "page": (
        "seite seiten antwort antworten pagina paginas pantalla pagine respuesta respuestas reponse reponses tela "
        "telas страницы страница ответ ответы"
    ),
}
"""What the families of words have in other languages."""

# Heads that German and Dutch words are put together with: "Speicherleck", "Datenbankfehler".
HEADS = tuple(
    word.stem
    for word in words(
        "arbeitsspeicher speicher datenbank server dienst kunden nutzer anfrage abfrage fehler ausfall angriff "
        "uberlauf leck geheugen klanten verzoek fout aanval wachtwoord passwort kennwort zugangs verbindung"
    )
)

# What in scripts without spaces speaks of a topic when both stand close together, the subject and what befell it.
UNSPACED_PAIRS: dict[str, tuple[str, str]] = {
    "down": (
        (
            "健康检查|全部|所有|一切|服务|系统|网站|进程|サービス|サーバー|サイト|プロセス|ヘルスチェック|すべて|全て|どの|"
            "서비스|서버|프로세스|사이트|헬스체크|모든"
        ),
        (
            "宕|挂掉|已?退出|崩溃|无法访问|没反应|没有反应|打不开|停了|停掉|一直失败|都失败|被拒绝|応答が?(?:あり|な)|落ち|停止|"
            "復帰しません|起動しない|つながらな|失敗し続け|멈췄|멈춰|중단|죽었|죽어|거부|응답하지|내려갔|응답이 없"
        ),
    ),
    "memory": (
        "内存|メモリ|메모리|堆内存|ヒープ|힙",
        "满|溢出|不足|耗尽|泄|上限|足り|リーク|枯渇|가득|부족|누수|초과",
    ),
    "flood": (
        "请求|流量|访问|リクエスト|アクセス|トラフィック|요청|트래픽|접속",
        (
            "異常な数|異常に多|垃圾|恶意|攻击|几万|上万|数万|海量|倍|\\d\\s?배|배 많|배 이상|"
            "大量|押し寄せ|不正|急増|쏟아|급증|폭주|악성"
        ),
    ),
    "breach": (
        (
            "数据|资料|用户表|客户表|数据库|密码|密钥|账号|账户|管理员|データ|情報|アカウント|管理者|パスワード|顧客|정보|계정|"
            "관리자|고객|데이터|비밀번호"
        ),
        (
            "公开|泄|被盗|盗用|下载|导出了|出售|被改|陌生|境外|海外登录|持ち出|公開|外部に|流出|ダウンロード|勝手に|身に覚え|"
            "내려받|유출|공개|도용|판매|해외|다운로드했"
        ),
    ),
    "slow": (
        "页面|接口|查询|响应|加载|打开|画面|ページ|検索|クエリ|応答|表示|読み込み|開く|페이지|응답|검색|로딩|화면",
        "慢|很久|几秒|半天|遅|重い|重く|秒も|秒以上|時間がかか|느리|느려|오래|초 넘|초나",
    ),
    "database": (
        "数据库|查询|SQL|データベース|DB|クエリ|데이터베이스|쿼리",
        "打满|跑满|排队|堵塞|卡住|卡死|锁住|詰ま|溜ま|ロック|張り付|가득|쌓|대기|잠금",
    ),
    "errors": (
        "请求|调用|用户|提交|リクエスト|お客様|ユーザー|요청|사용자|호출",
        "报错|报500|出错|500|错误|エラー|오류|에러",
    ),
}
