"""Words by their role: who is meant, how many of them, and how well they are known.

Each role in sixteen languages. Accents are folded before comparing, so the words stand here without; `*` stands for
any ending. A word may have several roles.
"""

PEOPLE: dict[str, str] = {
    # Somebody who has no business there.
    "stranger": """
        somebody someone stranger* intruder* hacker* attacker* thief thieves outsider* unknown unauthori* burglar*
        crook* scammer* fraudster* rando impostor* leaver*
        unbekannt* fremde fremder fremden jemand angreifer* eindringling* unbefugt*
        quelqu inconnu* intrus* pirate pirates etranger* tiers
        alguien desconocid* extrano* atacante* terceros
        alguem desconhecid* invasor* estranho* terceiros
        qualcuno sconosciut* estrane* malintenzionat* terzi
        iemand onbekend* vreemd* onbevoegd* indringer* buitenstaander*
        ktos nieznan* obcy obca obcego obcych niepowolan* wlamywacz* nieuprawnion*
        nekdo neznam* cizi utocnik* neopravnen*
        кто неизвестн* посторонн* чужой чужие чужих чужого злоумышленник* хакер* взломщик* незнаком*
        хтось невідом* сторонн* зловмисник* чужий чужі
        biri birisi birileri yabanci bilinmeyen yetkisiz kimligi
        nagon okand* obehorig* framling* inkraktar* angripare*
        journalist* reporter* competitor* rival* concurrent konkurrent* konkurrenz competidor* concorrent*
        konkurencj* конкурент*
        dude bloke
    """,
    # Said of a session, a device, a country that nobody knows.
    "unknown": """
        unknown unfamiliar unrecogni* strange foreign suspicious unauthori* unexplained rogue weird
        unbekannt* fremd* auslandisch* seltsam* unerklarlich*
        inconnu* etrang* suspect*
        desconocid* extran* sospechos*
        desconhecid* estranh* suspeit*
        sconosciut* estrane* sospett* strano strana strani strane
        onbekend* vreemd* verdacht*
        nieznan* obc* podejrzan*
        neznam* ciz* podezrel*
        чужи* чужо* чужа* неизвестн* незнаком* подозрительн* странн* посторонн*
        чужі невідом* підозріл* дивн*
        yabanci bilinmeyen suphel* tanimad*
        okand* framman* misstankt* konstig*
    """,
    # With a denial, what one does of a stranger: "we do not know him", "not on our team".
    "familiar": """
        know knows known recogni* team staff allowed supposed authori* belong*
        kenn* berechtigt gehor*
        connai* connu equipe autoris*
        conoc* equipo autoriz*
        conhec*
        conosc* squadra
        ken kent
        zna znam znamy zespol*
        zname
        знаю знаем знает команд* своих
        знаємо знає
        tanim* tanidig* ekip*
        kanner
        own owns
    """,
    # Those who are not the one who tells it.
    "others": """
        else others other another different strangers
        ander* fremd*
        autre* autrui
        otro otra otros otras ajen*
        outro outra outros outras alhei*
        altro altra altri altre altrui
        inny inna inne innego innej innych innym cudz* obc*
        jiny jina jine jineho jinych jinym ciz*
        друг* чуж* посторонн*
        інш*
        baska baskas* baskalar* digger diger
        andra annan annans andras
    """,
    "clients": """
        customer* client* user users people tenant* trader* merchant* partner* member members guy guys visitor*
        players companies company holder*
        kund* nutzer* anwender* benutzer* leute mandant*
        utilisateur* usager* gens
        usuari*
        pessoa pessoas utilizador*
        utent*
        klant* gebruiker* mensen persoon
        klient* uzytkowni* osob* ludzi*
        zakazni* uzivatel* lide lidi
        клиент* пользовател* юзер* человек* людей люди
        клієнт* користувач* людин*
        musteri* kullanici* kisi*
        anvandar* person*
        klienc*
    """,
    "real": """
        real legit genuine actual ordinary honest paying
        echt* regular* normal* legitim*
        vrai*
        reales verdader*
        reais verdadeir*
        veri vere legittim* reali
        gewone
        prawdziw* zwykl*
        skutecn* bezn*
        настоящ* обычн* реальн* живы*
        справжн* звичайн*
        gercek*
        riktig* vanlig* akta
        human humans menschen humanos
    """,
    # Whoever may not see it, and can.
    "anyone": """
        anyone anybody everyone everybody world public
        jeder jedermann alle allen
        monde importe
        cualquiera todos todo
        qualquer
        chiunque tutti
        iedereen
        kazdy wszyscy wszystkim kazdego
        kdokoli kdokoliv vsichni
        любой любому каждый всем все
        будь кожен всім усім
        herkes herkese
        alla vemsomhelst
    """,
    "any": """
        any every
        jeder jede
        chaque
        cualquier
        qualquer
        qualsiasi ogni
        elke iedere
        kazdy
        любой каждый
        будь кожен
        her herhangi
        varje
    """,
    "everything": """
        everything entire whole everyone everybody completely entirely totally
        alles komplett* gesamt* vollstandig* uberhaupt gar
        tout toute tous completement totalement entierement
        todo toda todos completamente totalmente
        tudo
        tutto tutta tutti
        helemaal volledig hele
        wszystko cala caly calkowicie zupelnie
        vsechno cely cela uplne
        все всего полностью весь вся совсем вообще
        усьому уся повністю взагалі зовсім
        hersey tamamen tum butun hic
        allt hela helt
        anything whatever
    """,
    # Some of it, and how much.
    "some": """
        some sometimes percent half third quarter few fraction portion chunk occasionally intermittent* sporadic*
        random*
        tenth fifth twentieth several
        manche* einige* teil teilweise zehnte* funfte* zwanzigste* prozent hin gelegentlich sporadisch vereinzelt
        halfte jede
        certain* partie parfois pourcent moitie quelques tantot environ
        algun* parte veces ciento mitad ciertas ciertos cada
        algum* vezes cento metade
        alcun* volte meta ogni qualche circa
        sommige deel soms helft af elke ongeveer
        niektor* czesc czasem procent* polow* co dziesiat* piat* okolo
        nektere cast obcas polovin* kazdy desat*
        некоторы* част* иногда процент* половин* кажд* десят* пят* порой примерно
        деяк* інколи іноді відсот* кожн* приблизно
        bazi bazen yuzde yarisi kismi bes birinde biri
        vissa ibland halften tionde femte delar ungefar
        tien tiende dwudziest*
        fois subset
    """,
    "many": """
        thousand* hundreds million* flood* wave waves tons zillion* huge countless loads swarm* tsunami avalanche
        barrage crazy insane endless
        tausend* hundert* flut massiv* unmengen welle riesig* ansturm unzahlige
        millier* centaine* vague deluge masse*
        miles cientos millon* avalancha oleada masiv*
        milhar* centenas milho* onda enxurrada
        migliaia centinaia milion* valanga ondata massicci*
        duizend* honderd* miljoen* golf massa massale
        tysi* setki setek lawin* fala fali ogromn* masa masow*
        tisic* stovky stovek vlna obrovsk* lavin*
        тысяч* сотн* миллион* лавин* шквал* волн* поток* огромн* куч* туч* море
        тисяч* мільйон* хвил* величезн* купа
        binlerce yuzlerce milyon* yogun dalga* asiri
        tusen* hundra* miljon* vag enorm* massor
    """,
    "nobody": """
        nobody noone none
        niemand keiner
        personne
        nadie ningun ninguno
        ninguem nenhum
        nessuno nessun
        nikt zaden zadna
        nikdo zadny
        никто никому никого ни
        ніхто нікому жоден жодного
        kimse hicbiri
        ingen inga
    """,
    "nothing": """
        nothing nuffin
        nichts nix
        rien
        nada
        niente nulla
        niets niks
        nic
        ничего ничто
        нічого ніщо
        hicbir
        ingenting inget
    """,
    "former": """
        ex former fired left leaver* departed terminated dismissed resigned
        ehemalig* ausgeschieden* gekundigt* entlassen*
        ancien* licenci* parti
        antigu* despedid* exemplead*
        antigo* demitid*
        licenziat*
        voormalig* ontslagen
        byly byla bylego zwolnion*
        byvaly propusten*
        бывш* уволенн* уволивш* экс
        колишн* звільнен* екс
        eski ayrilan kovulan
        tidigare uppsagd* avskedad*
        oud dawny exmitarbeiter* exfuncionari*
    """,
    "me": """
        me us myself
        ich wir
        moi
        yo nosotros fui fuimos
        eu fomos
        noi stato stati stata
        ik wij
        ja
        я мы
        ми
        ben biz
        jag vi
    """,
    # It was not the one who tells it.
    "not-me": """
        wasnt
        без моего
        habersiz
    """,
    "i": """
        i we
        ich wir
        je nous
    """,
    "you": """
        you
        sie euch
        vous
        ustedes
        voces
        voi
        jullie
        vas
        вас вам
        er
    """,
    "ours": """
        we our
        wir uns unser*
        nous notre nos
        nosotros nuestr*
        nosso nossa
        noi nostro nostra
        wij ons onze
        nas nasz*
        nase
        мы нас наш*
        ми
        bizi biz bizim
        vi oss
    """,
    "mine": """
        my his her
        mein meine meinem meinen
        mon ma mes
        mi mis
        meu minha
        mio mia mie
        mijn
        moj moja moim mojej
        muj moje mem
        мой моя моем мое моего моей
        мій моєму
        benim
        mitt mina
    """,
    # With a denial, the wrong one.
    "right": """
        right intended
        richtig*
        bonne bon
        correct* adecuad*
        certa certo correta
        giusta giusto corretta
        juiste goede
        wlasciw* dobrej
        spravn*
        тому той тем правильн*
        тій
        dogru
        ratt
    """,
}
