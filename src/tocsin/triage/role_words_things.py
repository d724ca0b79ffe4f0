"""Words by their role: what is meant: what serves, what is served, what is kept, and where.

Each role in sixteen languages. Accents are folded before comparing, so the words stand here without; `*` stands for
any ending. A word may have several roles.
"""

THINGS: dict[str, str] = {
    "service": """
        service services api apis site website webapp server servers app apps application portal
        backend gateway endpoint exchange
        dienst dienste schnittstelle* seite plattform* anwendung* webseite* shop
        serveur* plateforme*
        servicio* servidor* sitio plataforma* pagina web aplicacion*
        servico* aplicacao aplicativo
        servizi* sito piattaforma* applicazion*
        systeem toepassing
        uslug* strona strony stronie serwis* serwer* system*
        sluzb* stranka stranky aplikac*
        сервис* служб* сайт* сервер* платформ* систем* приложени* апи бэкенд* шлюз*
        сервіс* застосун* апі
        sunucu* servis* hizmet* sitesi siteye sistem* uygulama* platform*
        tjanst* sajt* sida sidan webbplats* appen
        prod production servern
    """,
    "process": """
        proc node worker workers app container* pod pods service daemon server sequencer backend instance*
        prozess* dienst anwendung*
        servicio
        servico
        servizio
        proces* usluga
        sluzba
        сервис* приложени* под контейнер*
        процес* сервіс*
        surec* islem sunucu* konteyner*
        tjanst*
    """,
    "page": """
        page pages screen screens request requests response responses click clicks app site dashboard submit submits
        orders list search everything api
        seite* antwort* klick* anfrage* suche alles
        reponse* requete* clic clics ecran* application recherche chargement
        pagina* respuesta* peticion* pantalla* aplicacion busqueda consulta*
        resposta* requisic* operac* clique* tela* busca pedido*
        pagine rispost* richiest* operazion*
        antwoord* verzoek* klik* scherm*
        strona strony stron stronie odpowiedz* zapytani* zadani* ekran*
        strank* odpoved* pozadav* dotaz*
        страниц* ответ* запрос* клик* экран* приложени* поиск*
        сторінк* відповід* запит* клік* екран*
        sayfa* yanit* istek* istegi arama*
        sida* sidor* svar* anrop* forfragning* sok*
        ubersicht uebersicht overzicht oversikt
    """,
    "call": """
        request requests call calls submission* submit submits intent intents upload* post posts
        payment* withdrawal* deposit* query queries login logins checkout* operation* attempt* click clicks
        anfrag* aufruf* auftrag* bestellung* transaktion* uberweisung* auszahlung* einreichung* buchung*
        requet* appel* commande* envoi* ordre* retrait*
        peticion* llamada* solicitud* pedido* envio* orden ordenes retiro* operacion*
        chamada* requisic* solicitac* transac* saque* ordens
        richiest* chiamat* transazion* ordine ordini invii invio prelievi operazion*
        verzoek* aanvra* aanroep* bestelling* opdracht*
        zadani* zapytan* wywolan* zamowien* zlecen* wyplat* operacj* prob
        pozadav* volani objednav* transakc* dotaz*
        запрос* вызов* заказ* транзакц* заявк* операци* вывод* ордер*
        запит* виклик* замовлен* операці*
        istek* istegi cagri* siparis* islem* talep*
        anrop* forfragning* begaran bestallning* order* uttag*
        отправк* відправ*
        trade trades
    """,
    "seconds": """
        secs sec
        segundo*
        second* minut*
        sekund*
        vterin*
        секунд* минут*
        хвилин*
        saniye* dakika*
    """,
    "memory": """
        memory ram heap rss mem
        arbeitsspeicher* speicher hauptspeicher*
        memoire
        memoria
        geheugen*
        pamiec* ramu
        pamet*
        памят* оперативк* озу хип
        пам
        bellek* bellegi hafiza*
        minne* arbetsminne*
        speicherleck*
    """,
    "kernel": """
        kernel os linux oom oomkiller
        betriebssystem
        noyau
        nucleo
        systeem
        jadro system*
        ядро* систем*
        cekirdek sistem*
        karnan
    """,
    "database": """
        db postgres postgresql mysql sql mariadb mongo rds aurora table tables
        datenbank*
        base bdd
        bd tabla*
        banco
        databank*
        baz* tabel*
        databaz* tabulk*
        база базу базе базы бд таблиц*
        базі
        veritaban* tablo*
        databas*
    """,
    "query": """
        query queries statement report select update migration job export vacuum analytics session
        abfrage* transaktion* bericht*
        requete*
        consulta* informe*
        transac* migrac* relatorio*
        transazion* migrazion*
        migratie*
        zapytan* raport*
        dotaz* transakc*
        запрос* транзакц* миграц* отчет*
        запит* міграц* звіт*
        sorgu* islem* gecis*
        fraga fragor fragan migrering*
        jobs backup cron import batch reindex script sauvegarde sicherung yedek
    """,
    # Queries that hang hang in the database, whatever else a session or a job may do.
    "sql": """
        query queries transaction* statement*
        abfrage* transaktion*
        requetes
        consultas transacciones
        transacoes
        transazioni
        transacties
        zapytania
        dotazy transakc*
        запросы транзакц*
        запити
        sorgu*
        fragor
        insert inserts update updates writers writes vacuum autovacuum
    """,
    "connections": """
        connection* slot slots
        verbindung* datenbankverbindung*
        connexion*
        conexion*
        conexo*
        connession*
        verbinding*
        polacz*
        spojen* pripojen*
        соединени* коннект* подключени*
        підключен*
        baglanti*
        anslutning*
    """,
    "free": """
        free left available spare
        frei freie freien ubrig
        disponible* dispo
        libre*
        livre* disponive*
        liber* disponibil*
        vrij vrije
        woln*
        voln*
        свободн* доступн*
        вільн*
        bos bosta
        ledig*
    """,
    # What only its owner, or only we, may see.
    "private": """
        order orders balance balances account accounts data invoice* document* name names address* history
        transaction* portfolio position positions passport* message* wallet* details records email* phone*
        statement*
        bestellung* konten daten rechnung* dokument* profil* verlauf nachricht* ausweis* depot
        commande* solde* compte* donnee*
        pedido* saldo* cuenta* datos perfil* direccion* mensaje* movimientos ordenes
        conta contas dados fatura* endereco* extrato*
        ordine ordini saldi conto conti dati fattur* indirizz* storico messagg*
        bestelling* rekening* gegevens factu* profiel* adres*
        zamowien* konta kont dane danych faktur* histori*
        objednav* zustat* ucet ucty udaje udaju
        заказ* баланс* аккаунт* счет* данн* документ* профил* адрес* истори* сообщени* паспорт* перепис*
        замовлен* акаунт* рахун* дані даних профіл* історі*
        siparis* bakiye* hesab* hesap* verileri veriler verisi verilerini veri belge* gecmis*
        bestallning* ordrar konto* uppgift*
        scan scans salary payroll payslip* kyc photo photos fotos
        extracto extractos estratto releve releves vyciag* wyciag* выписк* виписк* ekstre* utdrag afschrift auszug
        contract contracts ticket tickets
        скан*
        confirmation* trades bestatigung* confirmac* заявк* заявок potwierdzen*
    """,
    # What is lost when it gets out.
    "data": """
        data dump table records rows list spreadsheet sheet csv file files export pii kyc backup emails names
        addresses passports documents invoices hashes userlist dataset contacts contracts payslips
        daten datenbank* kundendat* kundenliste* liste listen datei* tabelle* datensatz* adressen vertrage
        unterlagen
        nutzerdat* stammdaten personaldaten gehaltsliste*
        donnee* fichier* base listes tableau contrats coordonnees
        datos lista* archivo* fichero* contratos
        dados planilha* arquivo* ficheiro*
        dati archivio elenco elenchi contratti anagrafic*
        gegevens bestand* lijst* klantenlijst* klantgegevens contracten
        dane danych baz* listy listu liscie plik* arkusz* umow*
        udaj* databaz* seznam* soubor* tabulk* smlouv*
        данн* баз* спис* файл* таблиц* выгрузк* контакт* договор*
        дані даних
        verileri veriler verisi verilerini veri tablo* dosya* rehber*
        uppgift* kunduppgift* kundregist* filen filer register databas* avtal
        listesi* verilerimiz* drive channel ordner dossier carpeta pasta cartella map folder* папк* klasor* mapp*
        mitgliederliste* mitgliedsdaten nutzerliste* adressliste* mitarbeiterliste*
        скан* паспорт*
    """,
    # Where one may do more than others.
    "inside": """
        root console dashboard backoffice
        production prod database vault session sessions wallet* mailbox* network vpn inbox cloud repo repository
        admin* konten system* server* netz* postfach* datenbank* oberflache verwaltung*
        compte* tableau serveur* reseau* boite messagerie
        cuenta* servidor* correo
        conta contas painel rede
        amministra* conto pannello sistem* rete casella
        beheer* account* systeem* netwerk
        konta kont panel* serwer* siec* skrzynk*
        spravc* ucet uctu ucty siti
        админ* аккаунт* учетк* учетн* панел* систем* сервер* сет* почт* консол*
        адмін* акаунт* обліков* мереж* пошт*
        yonetici* hesab* hesap* sunucu* ag
        konto* natverk* inkorg*
    """,
    "credential": """
        key keys apikey password* passphrase* secret secrets credential* mnemonic privkey cookie
        schlussel* passwort* kennwort* zugangsdaten* geheimnis*
        cle cles passe identifiants jeton*
        clave* contrasen* secreto* llave*
        chave* senha* credenc*
        chiav* credenzial* segret*
        sleutel* wachtwoord* inloggegevens
        klucz* hasl* token* poswiadcz*
        klic* hesl*
        ключ* парол* токен* секрет*
        anahtar* sifre* parola*
        nyckel* nycklar losenord*
    """,
    # Where everybody can read it.
    "openplace": """
        web net darknet telegram discord gist reddit twitter facebook online
        google search market marketplace chatgpt public anyone
        netz suchmaschine* offentlichkeit
        forum* toile reseaux ligne
        foro* redes publico abierta
        rede
        rete pubblico
        internet* openbaar
        interneci* sieci
        foru verejn*
        форум* интернет* сети даркнет* телеграм* открыт* доступ*
        інтернет* мереж* відкрит*
        natet
        github* gitlab* pastebin*
    """,
    "recipient": """
        recipient* people address addressee* group channel customer partner company guy contact
        empfang* gruppe firma verteiler*
        destinataire* client* groupe
        destinatari* direccion* grupo
        pessoa* endereco
        person* indirizz* gruppo
        ontvanger* persoon klant*
        odbiorc* osob* adres* klient*
        prijemc*
        получател* человек* адрес* клиент* чат
        отримувач* одержувач* людин* клієнт*
        alici* kisiye kisi musteriye
        mottagar* kund*
        subscriber* readers
    """,
    "address": """
        ip ips address addresses asn asns subnet subnets source sources country countries proxies proxy hosts
        devices
        lander* quellen rechner*
        pays
        direccion* paises
        endereco*
        indirizz* paesi
        adres* landen
        krajow
        zemi
        адрес* айпи стран* источник*
        айпі країн*
        ulke* kaynak*
    """,
    "traffic": """
        traffic request requests packet packets connection* hit hits call calls load visits rps junk garbage queries
        anfrag* zugriff* paket* datenverkehr verkehr verbindung* aufruf*
        requet* trafic paquet* connexions appels
        peticion* trafico solicitud* conexion* visitas llamadas
        requisic* trafego pedido* pacote* conexo* acesso*
        richiest* traffico pacchett* connession* accessi
        verzoek* verkeer aanvra* pakket*
        zapytan* zadan* ruch pakiet* polacz*
        pozadav* provoz dotaz*
        запрос* трафик* пакет* соединени* обращени* коннект*
        запит* трафік* звернен*
        istek* trafik* trafigi baglanti*
        anrop* forfragning*
        mull
    """,
    "bots": """
        bot bots botnet* crawler* scraper* spider* script scripts zombies robots headless
        roboter* skript*
        robot
        robos
        boty botow automat*
        boti botu roboti robotu
        бот* скрипт* парсер* краулер*
        botlar botlari botlardan
        botar bottar robotar botnat*
    """,
    # What somebody changes to get at the money.
    "secured": """
        password* withdrawal* payout* mfa email phone iban wallet recovery bank
        passwort* kennwort* auszahlung* mail* bankverbindung*
        passe retrait* versement courriel bancaire* coordonnees
        contrasen* retiro* correo cuenta
        senha* saque* conta pix
        prelievo prelievi
        wachtwoord* opname* uitbetaling* rekening*
        hasl* wyplat* telefon*
        hesl* vyber* vyplat*
        парол* вывод* почт* телефон* реквизит* кошел*
        вивед* вивод* пошт* реквізит* гаман*
        sifre* cekim* cuzdan*
        losenord* uttag* mejl*
    """,
    "login": """
        signin device devices
        anmeldung* sitzung* login* gerat* einwahl*
        connexion* session* appareil*
        sesion* inicios inicio acceso accesos
        sessao sessoes acesso*
        accesso accessi dispositiv*
        inlog* sessie* aanmelding* apparaat apparaten
        logowan* sesj* urzadzen*
        prihlas* relac* zarizen*
        вход* сесси* авторизаци* устройств* логин*
        вхід сесія* сесії* сесію* авторизаці* пристр*
        oturum* girisler* cihaz*
        enhet*
    """,
    "money": """
        balance funds money coins savings
        geld guthaben saldo kontostand
        argent fonds solde
        dinero fondos
        dinheiro fundos
        soldi denaro fondi
        tegoed
        srodki srodkow pieniadze pieniedzy
        penize penez prostredky zustatek
        деньги денег средства баланс
        гроші грошей кошти
        paramiz bakiye
        pengar
        parami paralar
    """,
    "payout": """
        withdrawal* payout* transfer transfers
        auszahlung* uberweisung* abbuchung*
        retrait* virement*
        retiro retiros transferencia*
        saque saques
        prelievo prelievi bonifico bonifici
        opname* overboeking*
        wyplat* przelew*
        vyber vybery prevod*
        вывод* перевод* списани*
        вивед* переказ* списанн*
        cekim* havale*
        uttag* overforing*
    """,
    "bandwidth": """
        bandwidth uplink link pipe
        bandbreite leitung anbindung
        bande lien
        banda enlace
        linea
        bandbreedte lijn
        lacze pasmo
        linka
        канал пропускн* полос*
        смуг*
        bant
        bandbredd*
    """,
    "consent": """
        consent permission knowledge approval asking
        zustimmung wissen erlaubnis genehmigung
        accord consentement autorisation insu
        permiso consentimiento autorizacion
        permissao consentimento autorizacao
        permesso consenso autorizzazione
        toestemming medeweten
        zgody wiedzy
        souhlasu vedomi
        ведома согласия разрешения
        відома згоди дозволу
        izin iznim bilgim
        tillatelse samtycke vetskap
    """,
}
