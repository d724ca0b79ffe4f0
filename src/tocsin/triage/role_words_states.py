"""Words by their role: how something is, and that it is not so.

Each role in sixteen languages. Accents are folded before comparing, so the words stand here without; `*` stands for
any ending. A word may have several roles.
"""

STATES: dict[str, str] = {
    "not": """
        no not never neither cannot dont doesnt cant wont isnt arent wasnt without unable stopped refuses
        nicht kein* nie niemals ohne ned nix
        ne pas jamais aucun* sans
        nunca jamas sin
        nao sem
        non mai senza
        niet geen nooit zonder
        bez nigdy przestal*
        neni nelze prestal*
        не нет без никогда перестал*
        немає ніколи перестав
        degil yok hic
        inte ej aldrig utan slutat
        dejo deixou smesso cesse nedostan* nemuz* nemoh* nefung* nejde nejed* nezna giremi* erisemi* ulasami*
        kullanami* hardly barely
        nor zero
        gecmiyor durdu neprojde
    """,
    "cannot": "cannot cant couldnt unable",
    "can": """
        can could able may allowed access
        kann konnen darf durfen lasst
        peut peuvent
        puede*
        pode podem consegue*
        puo possono riesce riescono
        kan kunnen mag
        moze moga mozna
        muze mohou lze
        может могут можно
        може можуть можна
    """,
    # Said by those who cannot, in languages that leave out "we".
    "wecan": """
        konnen konnten
        pouvons arrivons
        podemos pudimos conseguimos
        possiamo riusciamo
        kunnen
        mozemy
        muzeme
        можем
        можемо
    """,
    "still": """
        still kept keeps
        noch immer weiterhin
        encore toujours
        aun todavia sigue*
        ainda continua*
        ancora
        nog steeds
        nadal jeszcze wciaz ciagle
        stale porad jeste
        еще продолжает все
        ще досі
        hala
        fortfarande annu
    """,
    "up": """
        up
        drin
    """,
    "to": """
        to
        au aux
        al
        ao
        alla
        aan naar
        auf a na до till
    """,
    "from": """
        from
        von
        de
        desde
        da
        van
        od z
        з
        fran
    """,
    "against": """
        against
        gegen
        contre
        contra
        contro
        tegen
        przeciw*
        proti
        против
        проти
        karsi
        mot
    """,
    "wrong": """
        wrong mistaken accident accidentally mistake unintended
        falsch* versehentlich irrtumlich versehen
        mauvais* erreur
        equivocad* incorrect*
        errad* engano
        sbagliat* errore
        verkeerd* vergissing ongeluk
        zly zle zlego zlej niewlasciw* omylk* pomylk*
        spatn* omylem
        тому неправильн* ошибочн* ошибке случайно
        помилков* випадково
        yanlis*
        fel
    """,
    "fake": """
        fake phish* spoofed bogus counterfeit lookalike scam
        gefalscht*
        faux fausse hameconnage
        falsa falso
        finto finta
        nep valse
        falszyw*
        falesn* podvrzen*
        поддельн* фишинг* фальшив*
        підробл* фішинг*
        sahte oltalama
        falsk* natfiske*
    """,
    # It is gone, whatever it is said of.
    "dead": """
        down dead offline unreachable toast borked kaput gone crashed dying collapsed
        tot ausgefallen abgesturzt unerreichbar abgeraucht gestorben zusammengebrochen
        tombe* plante* mort morte morts injoignable* inaccessible* indisponible* ecroule* hs effondre*
        caid* muert* cay* inaccesible* colgad* tumbad* desplomad*
        caiu morto* morreu indisponive* inacessive* derrubad* travad* cair*
        giu caduto irraggiungibile* crollat* inaccessibile* bloccato
        plat dood onbereikbaar eruit omgevallen gecrasht uitgevallen
        lezy padl* padnie niedostepn* zdechl* wywal* nieczynn* umarl*
        spadl* mrtv* nedostupn* nefunguj* nejede nebezi lezi neodpovid* nenacit* neotevir* vypad*
        лежит упал* лег легла легло недоступ* сдох* мертв* умер* рухнул* падает
        лежить впав впала впало помер* здох* ліг лягла лягло
        coktu cokmus cokuyor erisilem* ulasilam* kapandi gitti calismiyor acilmiyor yuklenmiyor
        nere dod doda doende krasch* otillganglig* ur
        rade tirada tirado kaputt futsch hinuber platt durdu gecmiyor umgefallen zerschossen abgeschmiert abgekackt
        morta kapotte kapot lam padaka отвалил*
        stoi stoja parado parada parados
        ko ks
    """,
    "fails": """
        fail* error* bounce* reject* crash* blow blows bomb* broken breaks red 500 500s 502 502s 5xx exception*
        choke* barf*
        refused borks glitch* thrown
        fehl* scheiter* schlagen schlagt abgewiesen abgelehnt abgebrochen bricht brechen serverfehler* ausnahme*
        erreur* echou* echec* rejet* plante* refuse refusee* refuses
        fallo fallos falla* rechaz* excepcion*
        erro erros falh* rejeit* recusad* excec*
        fallisc* fallit* rifiut* respint* eccezion*
        fout* mislukt* mislukk* faalt falen geweigerd
        blad* bled* niepowod* odrzuc* wyjatk* wywal*
        chyb* selh* odmit* zamit* vyjimk*
        ошиб* сбой* сбои* падает падают отклон* исключени* отвал* фейл*
        помил* збій збої збоє* падає падають відхил* виняток винятк* невдач*
        hata* basarisiz* reddedil* patliyor
        fel felar felmeddelande* misslyck* kraschar avvis* undantag*
        faal selz* breaking broke
        pada padaja
    """,
    "slow": """
        slow* sluggish laggy lags lagging crawl* snail* glacial* ages forever molasses treacle unbearably
        langsam* lahm* trage schnecken* kriech* schleich* ewig* zah hangt ruckel* quaelend qualend*
        lent* rame* ralenti* traine* interminable*
        tortuga eterno* arrastra*
        lesma tartaruga arrasta* demora* travando
        rallent* lumaca
        traag langzaam* sloom stroperig tergend
        woln* powoln* muli zamula slamazar* wlecze zwolni*
        pomal* zpomal* vlec*
        медленн* тормоз* тупит тупят еле долго вечность лагает виснет подвис* зависает
        повільн* гальму* тупить довго лагає підвис* зависає
        yavas* agir kasiyor kasma takiliyor surunuyor
        sega segt segar trog trogt slo jattesegt slott jattelangsam* snigel*
        jatteslo rilento wieki wieku
        eeuwigheid dragging drags wieczno* fou pedales pasmado pasmada schleppend zaehfluss zahfluss gemutlich piano
        lag delays
    """,
    "strained": """
        cope copes coping struggl* overload* overwhelm* melting knees begging sweating
        uberlast* hinterher ausgelastet ubersteuert keucht stohnt
        debord* surcharg*
        sobrecarg* desbordad*
        sobrecarreg* colaps*
        sovraccaric* satur* collass*
        overbelast* aankan
        wyrabia przeciaz* dusi
        nestih* pretizen* zahlcen*
        справляет* перегруж* захлеб* задыха*
        справляєт* перевантаж*
        zorlan* yetisemiyor
        hinner mattad
        croul*
    """,
    # There is none left.
    "exhausted": """
        out full exhausted short low gone empty none maxed
        voll leer erschopft knapp ausgegangen uberlauf* mangel
        plein* epuise* court manque sature* vide
        agotad* llen* falta* insuficiente queda
        esgotad* chei* acab* estour*
        esaurit* pien* insufficient* finit* termin*
        vol tekort uitgeput
        brak* pelna zapelnion* wyczerpan* skonczyla zabraklo koncz*
        dosla doslo dochaz* nedostat* plna vycerpan*
        кончил* закончил* нехватк* хватает переполн* исчерпан* заканчивает* мало
        закінчил* вистача* переповн* вичерпан* закінчуєт* брак*
        doldu bitti yetmiyor yetersiz tukendi kalmadi dolu doluyor
        slut fullt brist otillrackligt racker
        unik uniku
        minneslack* speicherleck* geheugenlek*
    """,
    "full": """
        full maxed clogged choked jammed exhausted
        voll ausgelastet verstopft dicht gesattigt
        plein* bouche*
        llen* colapsad*
        chei* congestionad*
        satur* pien* intasat*
        vol verzadigd verstopt
        zapchan* pelne pelny wysycon*
        plna plny ucpan* zahlcen*
        забит* переполн* канал
        переповн*
        doldu tikandi dolu
        fullt mattad
        belegt occupe ocupad* occupat* bezet zajet* obsazen* занят* upptagen
    """,
}
