"""Words by their role: what stands where nothing is to be opened (a test, over, planned, asked, other things).

Each role in sixteen languages. Accents are folded before comparing, so the words stand here without; `*` stands for
any ending. A word may have several roles.
"""

CALM: dict[str, str] = {
    "again": """
        wieder
        nouveau
        nuevo vuelve* volvio
        novo voltou voltaram
        nuovo tornat* torna
        weer opnieuw
        znow znowu ponownie
        zase opet znovu
        снова опять
        знову
        tekrar yeniden
        igen
    """,
    "fine": """
        normal* stabil* ok okay fine
        erreichbar verfugbar rund ordnung
        ordre disponible* stable*
        estable* bien
        estave* disponive*
        disponibil* regola posto
        normaal bereikbaar goed stabiel
        dobrze sprawn*
        poradku dobre
        норм* порядке стабильн* хорошо доступ*
        порядку стабільн* добре
        duzgun sorunsuz
        bra
    """,
    "matter": """
        problem* issue* slowness
        fehler storung* ausfall* langsamkeit verzogerung*
        erreur* panne* lenteur* incident* souci* ralentissement*
        error* fallo* caida* lentitud* incidencia* averia*
        erro erros falha* lentidao queda*
        guast* lentezz* disservizi*
        probleem storing* fout fouten traagheid
        blad bledy awari* usterk*
        chyba chyby vypad* zavad*
        проблем* ошибк* сбой сбои авари* тормоза неполадк*
        помилк* збій збої аварі*
        sorun* hata* ariza*
        fel felet felen storning*
    """,
    "mended": """
        weg behoben gelost erledigt verschwunden vorbei
        regle* disparu* corrige* termine*
        resuel* solucion* desaparec* arregl* correg*
        resolvid* sumiu sumiram corrigid*
        risolt* sparit* sistemat* corrett* rientrat*
        opgelost verholpen verdwenen voorbij
        rozwiazan* naprawion* usuniet* znikn* minely minal
        vyresen* opraven* zmizel* pominul*
        устранен* решен* решил* исправ* пропал* исчез* прошл* ушл*
        вирішен* усунен* усунут* виправ* зник* минул*
        cozuld* giderild* duzeld* gecti kalmadi
        avhjalpt* borta atgardat* fixat fixade
        resolu resolue resolus resolues
    """,
    "unfinished": """
        noch wird werden soll sobald bis
        encore pas
        aun todavia hasta
        ainda ate
        ancora finche
        nog wordt tot
        jeszcze dopoki czy
        jeste dokud
        еще пока будет
        ще поки буде
        hala henuz
        annu innan tills
    """,
    "trial": """
        testserver* testsystem* testbox*
        testumgebung* testmaschine*
        test teste testes tester testing essai* recette preprod* demo
        prueba* ensayo*
        homologac*
        prova collaudo
        proef* acceptatie*
        zkuseb*
        тест* демо стейдж* стенд*
        deneme*
        prov
        testow* testovac* testiranj*
    """,
    "place": """
        server* system* maschine* instanz* umgebung* cluster rechner
        serveur* machine* instance* environnement* plateforme*
        servidor* maquina* instancia* entorno* ambiente*
        macchina istanza
        systeem omgeving* instantie
        serwer* maszyn* srodowisk* instancj*
        stroj* prostred*
        сервер* систем* машин* сред* окружени* стенд* контур*
        середовищ*
        sunucu* sistem* makine* ortam*
        maskin* miljo*
    """,
    "later": """
        morgen ubermorgen nachste* kommende* samstag* sonntag*
        demain prochain* samedi dimanche
        manana sabado domingo
        amanha proxim*
        domani prossim* sabato domenica
        volgende zaterdag* zondag*
        jutro przyszl* sobot* niedziel*
        zitra pristi* nedel*
        завтра следующ* субботу воскресенье
        наступн* суботу неділю
        yarin gelecek cumartesi pazar
        imorgon nasta lordag* sondag*
        morgon
    """,
    "upkeep": """
        maintenance upgrade
        wartung* umstellung* update* geplant* umzug*
        mise entretien migration
        mantenimiento actualizacion*
        manutencao atualizac*
        manutenzion* aggiornament* migrazion*
        onderhoud* migratie*
        konserwacj* prace przerwa
        udrzb* odstavk* aktualizac* migrac*
        обслуживани* обновлени* работы миграци* профилактик*
        обслуговуван* оновлен* роботи міграці*
        bakim* guncelleme* tasinma*
        underhall* uppdatering* migrering* servicefonster
    """,
    "study": """
        webinar* workshop* podcast* lecture*
        schulung* unterweisung* fortbildung* seminar* vortrag*
        formation formations seminaire* conference* atelier*
        curso cursos formacion taller charla
        treinamento* palestra*
        corso corsi formazione conferenza
        cursus training* opleiding*
        szkoleni* kurs warsztat*
        skoleni kurz prednask*
        обучени* тренинг* курс лекци* семинар* вебинар*
        навчанн* тренінг* лекці* семінар* вебінар*
        egitim* seminer* kursu
        utbildning* forelasning*
        prasentation* folien diapositiv* prezentac*
    """,
    "what": """
        was
        que quoi
        cosa che
        wat
        co
        что
        що
        ne
        vad
    """,
    "do-then": """
        machen tun passiert mache
        faire fait passe
        hacemos hacer hago pasa
        fazemos fazer faco acontece
        facciamo fare faccio succede
        doen gebeurt
        robimy robic zrobic
        delame delat
        делать делаем будет случится
        робити робимо буде
        yapariz yapmaliyiz yapalim
        gor hander
        passierte pasaria passerait arriverait aconteceria succederebbe gebeuren zrobimy stanie staloby случилось
        hande olurdu
    """,
    "if": """
        if
        wenn falls
        si
        se
        als
        jesli gdyby gdy
        kdyz pokud
        если когда
        якщо коли
        eger
        om
    """,
    "affects": """
        betrifft betroffen beruhrt
        touche* concerne* affecte* impacte*
        afecta* impacta*
        afeta*
        riguarda riguardano interessat* colpit* tocca
        raakt treft getroffen geraakt
        dotyczy dotyka dotkniet*
        tyka netyka dotcen*
        затрон* касает* затрагива* коснул*
        стосує* торка* зачеп*
        etkile*
        paverka* beror drabb*
    """,
    "attempt": """
        attempt* tried tries trying
        versuch* probiert
        essaye tente
        intento* intentaron
        tentaram tentou
        tentativ* provato
        poging* inlogpoging* geprobeerd
        proba proby probowal*
        pokus* zkousel*
        попытк* пытал*
        спроб* намага*
        deneme* denedi
        forsok*
    """,
    "stopped": """
        blocked denied rejected
        blockiert abgewehrt abgewiesen verhindert
        bloque* rejete* empeche*
        rechazad* impedid*
        rejeitad* barrad*
        bloccat* respint* impedit*
        geblokkeerd afgewezen tegengehouden
        zablokowan* odrzucon* udaremnion*
        zablokovan* odmitnut* zastaven*
        заблокирован* отклонен* отбит* пресечен*
        заблокован* відхилен* відбит*
        engellen* reddedil*
        blockerad* avvisad* stoppad*
    """,
    "gadget": """
        laptop* phone smartphone iphone tablet pc desktop computer
        handy rechner*
        ordinateur* portable telephone
        portatil ordenador* movil celular
        computador*
        portatile cellulare
        telefoon
        telefon* komputer*
        notebook* pocitac*
        ноутбук* компьютер* телефон*
        bilgisayar*
        dator* mobil*
        mac macbook imac
        vpn wifi router keyboard
    """,
    "printer": """
        printer printers
        drucker*
        imprimante*
        impresora*
        impressora*
        stampant*
        drukark*
        tiskarn*
        принтер*
        yazici*
        skrivare*
    """,
    "wifi": """
        wifi
        wlan*
    """,
    "office": """
        office
        buro* besprechungsraum*
        bureau
        oficina*
        escritorio
        ufficio
        kantoor
        biuro biurze
        kancelar*
        офис*
        офіс*
        ofis*
        kontor*
    """,
    "certificate": """
        zertifikat*
        certificado*
        certificat*
        certyfikat*
        certifikat*
        сертификат*
        сертифікат*
        sertifika*
    """,
    "backup": """
        datensicherung* sicherungskopie* sicherung
        sauvegarde*
        respaldo*
        salvataggio
        reservekopie*
        zapasow*
        zaloh*
        резервн* бэкап* бекап*
        yedek*
        sakerhetskopi*
    """,
    "disk": """
        festplatte*
        disque*
        disco
        schijf
        dysk*
        диск*
        disk*
    """,
    "spelling": """
        rechtschreib* tippfehler* schreibfehler*
        orthograph* coquille*
        ortografi*
        spelfout* typefout*
        literowk*
        preklep*
        опечатк*
        описк*
        yazim
        stavfel*
    """,
    "translation": """
        ubersetzung*
        traduction*
        traduccion*
        traducao
        traduzion*
        vertaling*
        tlumaczeni*
        preklad*
        перевод перевода переводе
        переклад*
        ceviri*
        oversattning*
    """,
    "testserver": """
        testserver* testsystem* testumgebung* testmaschine* testinstanz*
        testomgeving* testmiljo* testserwer*
    """,
    "payroll": """
        gehaltsabrechnung* lohnabrechnung* lohnbuchhaltung
        paie paye
        nomina nominas
        folha contracheque
        stipendi busta
        salarisadministratie loonstrook*
        kadrow*
        mzd*
        зарплат*
        maas bordro*
        lonesystem* lonebesked*
    """,
    "article": """
        статья статью статье пост
        стаття статтю
        makale
        clanek
        artykul
    """,
    "reads": "read читал* видел* czytal* widzial* cetl* читав бачив okudu gordu",
}
