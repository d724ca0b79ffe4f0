"""Words by their role: what somebody or something does.

Each role in sixteen languages. Accents are folded before comparing, so the words stand here without; `*` stands for
any ending. A word may have several roles.
"""

DOING: dict[str, str] = {
    "answers": """
        answer* respond* response replies reply
        antwort* reagier* erreichbar* ansprechbar
        repond* reponse joignable
        contest* respuesta*
        resposta*
        rispond* risposta raggiungibil*
        antwoord* reageer* reageren bereikbaar
        odpowiad* odpowiedzi reaguj*
        odpovid* dostupn*
        отвеча* откликает* реагиру* ответа
        відповіда* реагують реагує відгуку*
        yanit* cevap*
        svara* reagerar naas
        vita vie vida lebenszeichen zycia zivota
    """,
    "works": """
        work works working load loads loading open opens start starts boot boots run runs running go goes
        funktion* lauft laufen geht gehen ladt laden startet starten offnet aufrufbar nutzbar aufgerufen
        fonctionne* marche* ouvre charge demarre* affiche
        funciona* carga* abre* arranca* anda levanta*
        carrega* inicia* sobe
        funziona* carica* apre aprono parte partono avvia*
        werkt werken laadt opent draait
        dzial* laduj* otwiera* uruchamia* startuj* chodzi wstaje
        fung* nacit* otevir* spust* jede bezi
        работа* открыва* груз* запуска* стартует поднимает* функциониру*
        працю* відкрива* вантаж* стартує піднімає*
        calis* acil* yuklen* baslat* baslam*
        funkar oppna* ladda laddar laddas startar gar
        connect connects connecting nefung* nejede nejde
        offnen aufrufen nutzen oeffnen abrir ouvrir aprire openen otworzyc otevrit открыть відкрити
        repondre responder rispondere antworten
    """,
    # What users do with it: where nobody can, nothing works.
    "acts": """
        send submit* place trade* trading enter log login connect use access buy sell pay withdraw deposit order
        reach work
        senden einloggen anmelden bestellen benutzen nutzen zugreifen handeln kaufen verkaufen absenden arbeiten
        einreichen
        envoyer connecter acceder utiliser commander passer entrer travailler soumettre
        enviar entrar usar operar comprar conectar* trabajar mandar
        acessar trabalhar
        inviare entrare accedere usare operare comprare collegar* lavorare mandare ordinare
        inloggen versturen gebruiken verbinden handelen werken sturen
        wyslac zalogowac wejsc korzystac kupic polaczyc pracowac handlowac zlozyc
        poslat odeslat prihlasit pouzit pripojit pracovat obchodovat nakoupit zadat
        войти зайти отправ* подключ* пользоваться купить торговать работать вывести
        увійти надісла* підключ* користуватися купити торгувати працювати відправ*
        gonderemi* giremi* giriyor baglanamiyor kullanamiyor yapamiyor erisemiyor alamiyor satamiyor
        skicka logga anvanda handla kopa ansluta arbeta
        kommen komm erreichen erreicht ulasamiyor
    """,
    "reaches": """
        reach reaches connect contact
        erreichen erreicht
        joindre contacter
        contactar conectar
        contatar
        raggiungere contattare
        bereiken
        polaczyc dostac
        spojit dostat
        достучаться подключиться
        підключитися
        ulasamiyor ulasamiyoruz baglanamiyoruz
        ansluta
    """,
    "passes": """
        through processed confirmed executed succeed* arrive arrives
        durch rein angenommen verarbeitet ausgefuhrt bestatigt
        passe passent accepte* traite* aboutit
        pasa pasan entra entran aceptad* procesad* sale
        passa passam entram aceit* processad*
        passano accettat* elaborat*
        door doorheen aangenomen verwerkt binnen
        przechodzi przechodza realizowan* przyjmowan*
        prochazi projde neprojde zpracovan*
        проход* принима* обрабатыва* исполня*
        прийма* обробля* викону*
        geciyor gecmiyor isleniyor islenmiyor
        igenom behandlas
    """,
    "enters": """
        got get gets getting logged login signed entered broke breaking sneaked inside intruded sitting hijack*
        took hacked breached poking snooping rummaging impersonat* used using
        eingelogg* angemeldet zugang zugriff zugegriffen eingedrungen verschafft eingebrochen eingewahlt ubernommen
        unterwegs
        connecte* entre* introdui* penetr* infiltr* pris
        entro entrado entraron entrar acces* ingres* inici* meti* conect* colo colado usa usando
        entrou acess* invad* logou usou
        entrat* acced* intrufol* collegat* violat*
        ingelogd toegang binnengedrongen binnen ingebroken verbonden gebruikt
        zalogow* wszed* wszli wlama* wlamuj* dostep* dostal* wbi* podlacz* przejal przejel* uzywa*
        prihlas* pristup* vnikl* naboural* pripoj* pouziv*
        вошел вошла вошли зашел зашла зашли проник* доступ* залогин* влез* взлом* подключил* заходил* сидит захват*
        ввійшов увійш* зайш* залогін* вліз* злама* підключ* сидить
        girdi girmis giris* eris* sizdi sizmis baglan*
        loggat loggade inloggad tillgang tagit tog inne kommit brutit anvander
        zit zitten sitzt steckt
        loguj* loggar einlogg* заходит логинит* walked
    """,
    "takes-away": """
        download* export* copied copy copies pulled dump* stole stolen steal* exfil* grab* scrape scraped scraping
        scrapes siphon* extract* took taken
        walked leaving sold selling
        heruntergeladen herunterlad* kopier* gestohlen abgezogen gezogen abgegriffen entwendet mitgenommen geklaut
        telecharg* copie copiee* copia copiaron copio copiou copiad* copiat* vole* vol recuper* aspir* derob* pris
        descarg* robo robaron robado* robada* extraj* extrai* llev* bajo bajado sustra*
        baix* roub* levou levaram levad* furtou furtad*
        scaric* esport* ruba* estra* sottratt* preso
        gedownload* geexporteerd gekopieerd gestolen meegenomen
        pobra* sciag* skopiow* wykrad* ukrad* wyeksport* wynios* zgra*
        stah* zkopir* odnes* vykrad*
        скача* выгру* выкача* скопир* укра* стащ* унес* слил* вытащ* похити*
        завантаж* вивантаж* скопі* вкра* викра* злив* винес*
        indir* kopyala* cald* calin* aktar*
        laddade laddat ner stal stulit stulna tagit
    """,
    "sends": """
        sent send sends mail mailed mailing email emailed forward* share* upload* attach* posted cc
        geschickt versendet gemailt weitergeleitet gesendet geteilt hochgeladen ubermittelt verschick*
        envoye* transfer* transmis* partage* expedi* adresse
        envio enviado* enviada* enviamos envie enviou enviei envia mande mando mandado* mandei mandou mandat* manda
        reenvi* compart* adjunt* remit*
        encaminh* partilh* anex*
        inviat* invia inoltr* condivi* spedi* allega*
        gestuurd verstuurd verzonden gemaild doorgestuurd gedeeld
        wysla* przesl* udostep* mailem
        posla* odesla* preposla* sdile*
        отправ* отосла* пересла* скину* перекину* разосла* послал*
        надісла* відправ* розісла*
        gonder* ilet* yolla* paylas*
        skicka* mejla* vidarebefordra* delar delades delat delade
    """,
    "exposes": """
        leak* expos* posted post pasted sold sell* sale offer* readable share* dumped floating listed reachable
        veroffentlicht* offentlich* offen angeboten anbietet kursier* geleakt einsehbar* abrufbar* zuganglich* frei
        steht
        stehen durchgesickert verkauf* geteilt zugespielt aufgetaucht
        publi* vende venden vendi* vendo vendu vendus vendue* vendem vendono vendut* vente circul* diffus* fuit*
        ouvert* accessible* partag* libre traine*
        expuest* venta filtr* difund* abiert* accesible* compartid* visible*
        venda vaz* divulg* abert* acessive* compartilhad* visive*
        pubblic* espost* circol* trapel* apert* accessibil* condivis* visibil* fuoriuscit*
        gelekt openbaar* verkocht* koop verkoop* rondgaat gepubliceerd zichtbaar toegankelijk gedeeld
        wyciek* sprzeda* opublik* kraz* ujawnion* udostep* wystawi* otwart* dostepn* widoczn*
        unik* prodav* prodej* zverejn* verejn* koluj* pristupn* otevren* sdilen*
        утек* слил* слит* прода* выложи* выложен* опублик* гуля* открыт* доступ* публичн* видны всплыл* торгу*
        витек* витік* злит* викла* опублік* відкрит* публічн*
        sizdi sizmis sizdir* satil* satisa satista satiyor yayin* paylas* acik herkese aciga
        lack* sald salj* salu sprid* offentlig* oppen oppet oppna exponera* synlig*
        showed surfaced appeared turned showing
    """,
    "sees": """
        see sees seeing saw look* view* show* display* read reads open opens get gets got received
        sehe sehen sieht seh angezeigt zeigt sichtbar lesen erscheinen offnen einsehen
        vois voit voir voient affich* apparai* lire recois recoit recu ouvrir consulter
        veo ver vemos ven aparec* muestra* leer recib* sale salen
        vejo veem mostra* ler receb* enxerg*
        vedo vede vedere vediamo vedono appai* compai* leggere ricev* visualizz*
        zie ziet zien zag toont lezen krijg krijgt verschijn*
        widz* widac wyswietl* pokazuj* czyta* dostal* otrzym*
        vidi vidim vidime videt zobraz* ukazuj* cist
        вижу видит видят видно видны показыва* читать приход* получ* отобража* открыва*
        бачу бачить бачать показу* читати отрим* відобража*
        goru* goster* oku* geliyor cikiyor
        ser syns visa* lasa fick dyker
        zobacz* obejrz* посмотр* смотр* подив*
        bekomm* erhalten erhielt llego llegaron arrivat* kwam gekregen ontvang* przysz* prisel prisla пришел пришла
        пришло пришли прийш* geldi kom fatt recue
        trovato trovata trovo finde found trouve trouvons encontre encontrei encontro encontrado gevonden znalazl*
        nasel nasla нашел нашла знайшов знайшла buldum hittade hittar
    """,
    "changes": """
        change* modif* alterad* alterou altero reset replaced edited swapped
        geandert andert verandert ausgetauscht umgestellt zuruckgesetzt
        remplace* reinitialis*
        cambi* restablec*
        mud* troc* redefin*
        sostituit* reimpostat*
        gewijzigd veranderd aangepast gereset
        zmieni* podmieni* zresetow*
        zmen* resetov*
        измен* поменя* смен* сброш* сброси* подмен*
        змін* поміня* підмін* скин*
        degis* sifirlan*
        andra* bytt* aterstall*
    """,
    "typed": """
        typed entered entering gave handed submitted filled
        eingegeben eingetippt gegeben preisgegeben herausgegeben
        saisi saisie tape donne communique
        introdujo introdujeron puso pusieron ingreso dio dieron
        digitou digitaram colocou informou deu
        inserito inserita digitato dato fornito
        ingevuld ingevoerd gegeven
        wpisal* podal* wprowadzil*
        zadal* vyplnil* napsal*
        ввел* вбил* сообщил*
        ввів повідомив
        girdi girdiler yazdi verdi
        skrev skrivit matat lamnat
    """,
    "uses": """
        use uses used using
        nutzt benutzt verwendet missbraucht
        utilise utilisent utilisee
        usa usan usando utiliza utilizan
        usam
        usano utilizza
        gebruikt gebruiken misbruikt
        uzywa uzywal* wykorzystuje
        pouziva zneuziva
        использует используют пользуется
        використовує користується
        kullaniyor kullanmis
        anvander anvands
    """,
    "drains": """
        withdrawn withdrew drained emptied vanished stolen siphoned missing
        abgehoben abgebucht uberwiesen leergeraumt verschwunden abgezogen weg
        retire retires vide vides vire vires disparu preleve
        sacaron retiraron vaciaron transfirieron robaron desaparec*
        sacou sacaram retirou retiraram tirou transferiram sumiu
        prelevat* ritirat* svuotat* spariti rubat*
        opgenomen weggehaald overgemaakt leeggehaald verdwenen
        wyplac* wybral* przelal* zniknel* ukrad*
        vybral* prevedl* zmizel*
        вывел* сняли списал* перевел* пропал* украли
        вивели вивів зняли переказал* зникл* вкрали
        cekil* cekmis aktaril* bosalt* calin*
        tagits tomts forsvunn* stulits overforts
    """,
    # With a denial, what the owner says of what happened to his account.
    "did": """
        do did done requested request asked ordered initiated initiate
        gemacht getan veranlasst angefordert beauftragt
        fait demande
        hice hicimos hizo pedi
        fiz fizemos
        fatto chiesto
        gedaan gevraagd
        robil* zrobil* zlecal*
        delal* udelal* zadal*
        делал* просил* запрашивал*
        робив робила просив
        yapmadim istemedim
        gjort bett
        make made place placed authorised authorized approve approved
    """,
    "takes": """
        take takes took taking wait waits waiting need needs load loads respond responds last lasts
        dauer* warte* braucht brauchen benotig* ladt laden
        met mettent prend prennent attendre attend attente faut
        tarda* espera* lleva*
        leva levam demor*
        impieg* attendere aspett* attesa dura durano mette
        duurt duren wacht wachten kost
        trwa* czeka* zajmuj* przychodz* laduj* odpowiad*
        trva* cek* nacit* odpovid*
        ждать ждем ждет ждут занима* длит* груз* ожид* отвеча* выполня*
        чека* займа* трива* вантаж* очіку* відповіда* викону*
        suruyor suruyo suruyorlar bekl* aliyor
        tar tog vanta* drojer
        aciliyor yukleniyor acilir
        висят висит hangt hangen hangs виснут зависают
    """,
    "eats": """
        eat* ate swallow* gobbl* consum* chew* hogs hogging devour* suck* munch* leak* balloon* grow* grew climb*
        fill* burn*
        swell* creep* blow*
        friss* verbrauch* schluck* wachst steigt lauft verschling* leck* belegt
        bouff* mang* devor* grimp* explos* gonfl* fuit*
        comen comiendo crec* sube suben subiendo llen* agot* fug*
        consom* cresc* sob* ench* esgot* vaz*
        divor* sale salendo riemp* esaur* satur*
        vreet eet slokt verbruikt groeit loopt lekt stijgt
        zjad* zzer* pochlan* rosn* zuzyw* zapeln* wyciek* puchn*
        zere zerou sezer* spotreb* roste* plni* unika* bobtn*
        съеда* жрет жрут сжир* потребля* раст* утек* забива* течет пожира* заполня* пухнет
        жере споживає рост* зрост* витік* тече
        tuketiyor yiy* artiyor sisiyor doluyor sizinti* buyuyor
        ater slukar forbrukar vaxer lacker fyller
    """,
    "kills": """
        kill* shoot* shot reap* terminat* murder* slaughter* axed restart* crash* died dying
        abgeschossen gekillt beendet schiesst neustart* neugestartet sturzt abgesturzt stirbt getotet
        tue tuer tuee redemarr* arrete plante plantent meurt abat*
        mata matado reinici* muere cierra* caer cae
        morto morta encerrad* cai derruba*
        uccid* ucciso riavvi* muore
        gekilld afgeschoten gedood herstart sterft beeindigd
        ubij* zabij* zabit* ubit* pada
        umir* ukonc*
        убива* убит* прибива* перезапуск* рестарт* падает завершает* умирает
        вбива* вбит* падає завершу* помирає
        olduruyor olduruldu oluyor coktu yeniden kapatiyor oldurdu cokuyor
        dodar dodas dodad startar kraschar
    """,
    "blocks": """
        block* hold holds holding held lock* hang* hung stuck stall* jam* deadlock* idle open
        halt gesperrt sperrt festgefahren verklemm* haengt steht
        bloqu* verrou* coince* tient
        retien* atasc* cuelga
        trava* segura prend*
        blocc* tiene ferm*
        vergrendel* houdt vast
        blok* zablok* wisi trzyma zakleszcz*
        visi drzi zamk*
        блокир* держит висит висят завис* лок* дедлок*
        блоку* заблок* тримає висить висять
        kilit* tutuyor askida takil* bekletiyor
        lasa* haller fastnat
        laser laast lasta
        wisza
    """,
    "waits": """
        wait* queue* pile* stack* behind stuck blocked everyone everybody others starv*
        warte* stau* schlange hinter
        attend* empil* derriere bloqu*
        espera* cola acumul* detras
        fila atras aguard*
        aspett* coda accod* dietro
        wacht* rij achter alles
        czeka* kolej* stoi stoja
        cek* fronta fronte fronty stoji
        ждут ждет очеред* ожида* стоят копят*
        чека* черг* очіку* стоять
        bekl* kuyruk* siraya
        vanta* ko kon star
    """,
    "hits": """
        hammer* pound* bombard* flood* slam* batter* swamp* overrun* deluge* spam* ddos* overwhelm* besieg* pelting
        clobber* scraping scrape* crawling attack* hitting thrashing
        prassel* uberschwemm* uberflut* uberrann* uberhauf* beschuss beschoss* zugemullt geflutet angegriffen
        zugespamm* ansturm abgegrast
        inond* submerg* deferl* satur* matraqu* martel* attaq* assaill* pilonn*
        inund* acribill* ataca* sobrecarg* martill* asedi*
        sobrecarreg* ataque* derrub*
        sommers* attacc* travolt* subissat* intas*
        bestook* overspoel* bestorm* gebombardeerd aangevallen platgelegd hamer*
        zalew* zasyp* atakuj* wala walic szturm* oblega* zapych*
        zaplav* zahlc* utoc* zahlt* valcuj* busi
        завал* залив* засып* бомбард* атаку* долб* дудос* ддос* спам* молот* штурму* забив*
        засипа* довб*
        yagi* yagmur* bogul* saldir* hucum tikiyor
        oversvamm* hamra* angrip* sprangs drunknar overbelasta*
        flut* golpea*
        tempest* platgegooid plattgemacht abgeschossen lahmgelegt
    """,
    "floods": """
        flood* drown* swamp* deluge* overrun* bombard*
        uberschwemm* uberflut* uberrann* flutet zugemullt zugespamm*
        inond* submerg* deferl*
        inund*
        sommers*
        overspoel* gebombardeerd bestook*
        zalew* zasyp*
        zaplav*
        залив* завал* засып* бомбард*
        засип*
        yagmur* bogul*
        oversvamm* drunknar
    """,
    "pays": """
        pay paying payez payer ransom blackmail extort* btc ether monero demand*
        zahl* losegeld erpress*
        rancon
        pagar pague paguen pagate pagare paghi paga pagas rescate extors*
        resgate
        riscatto ricatt* estors*
        betaal* losgeld afpers* chant*
        zaplac* okup* szantaz* bitcoin*
        zaplat* vykup* vydir*
        плат* заплат* выкуп* шантаж* биткоин* вымога*
        викуп* біткоїн* вимага*
        ode* fidye santaj*
        betala* losensumma utpress*
    """,
    "drops": """
        drop drops dropping reset resets resetting close closes closing refuse refuses cuts kicks
        trennt kappt verweigert abgelehnt schliesst
        coupe rejette ferme
        corta rechaza cierra
        recusa fecha
        chiude rifiuta taglia
        verbreekt weigert sluit
        zrywa odrzuca zamyka
        odmita zavira
        сбрасывает рвет закрывает отклоняет
        скидає рве закриває
        kesiyor reddediyor
        stanger bryter vagrar
    """,
    "rose": """
        went rose jumped climbed grew increased up
        gestiegen stieg springt
        passe passee grimpe
        paso subio
        passou subiu
        passato salito
        ging gestegen
        wzroslo skoczyl*
        vyskoc*
        вырос* подскоч*
        зріс зросл*
        cikti
        steg okade
    """,
    "complains": """
        complain* grumble* moan*
        beschwer* meckern
        plaign* plaint*
        quej*
        reclam*
        lament*
        klagen klaagt
        skarz* narzek*
        stezuj*
        жалу*
        скарж*
        sikayet*
        klagar
    """,
    "has": """
        has have had holds
        hat haben hatte besitzt
        ont avait
        tiene tienen
        tem tinham
        hanno aveva
        heeft hebben
        maja mial
        maji mel
        имеет
        має мають
        sahip
        har hade
    """,
}
