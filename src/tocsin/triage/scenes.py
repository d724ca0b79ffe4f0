"""What roles together tell of: scenes by topic, in whatever language and order the words stand."""

from tocsin.triage.roles import Scenes, scenes

TOLD: dict[str, str] = {
    "down": """
        not call passes !some | not answers service | service not works everything | everything not works
        nothing > works | nobody > acts | nobody > works | not reaches you | ours > cannot > acts | not wecan acts
        service not works | not can acts service | not can acts everything | not acts everything
        not acts service | cannot did everything | everything dead | service dead | not acts clients service
        clients not acts everything
        service drops connections | nothing > passes
    """,
    "errors": """
        some call fails | some service fails | clients some fails | some clients fails
        some > clients > cannot | some clients not can acts
    """,
    "slow": """
        page slow | service slow | everything slow | page takes seconds | everything takes seconds
        takes seconds works | takes slow works
        clients complains slow
        rose > from > to > seconds
    """,
    "memory": """
        process eats memory | memory exhausted | kernel kills process memory | process kills memory exhausted
        memory eats everything
    """,
    "database": """
        query blocks database | query blocks everything waits | query blocks waits | ~sql blocks | database slow
        database strained | database not strained | not free connections | query slow database
    """,
    "breach": """
        stranger enters inside | stranger enters data | stranger takes-away data | stranger sees private clients
        stranger enters private | sees others clients private | sees others private me
        sees others private mine | data exposes openplace | data clients exposes | credential exposes openplace
        sends data wrong recipient | sends > data > to > wrong !service !database !fails !process
        sends > data > wrong recipient | sends private wrong recipient | typed credential fake
        typed private fake | money drains stranger | money drains not consent | money drains not-me
        call drains not-me | enters inside not-me | enters private not-me | login not-me
        changes private not-me | drains not-me | enters not consent | takes-away not consent
        changes not consent | stranger uses credential | changes secured not-me | changes secured stranger
        anyone > can sees private | anyone > can sees data | anyone exposes credential | unknown login inside
        unknown login private | ~unknown login !fails | data > up > openplace | credential > up > openplace
        any > clients > can sees private | former still enters inside | former takes-away data
        former enters inside
        not-me payout | unknown payout | stranger payout inside
        enters private drains | enters inside drains
        call > i > not-me | enters private changes secured | enters inside changes secured
        stranger has ours data | stranger exposes ours inside | stranger exposes ours data
    """,
    "flood": """
        floods traffic | floods bots | many hits service | bots hits service | bots hits page
        bots hits traffic | hits many traffic | hits many address | hits traffic address | many traffic address
        bots many traffic | real clients not | real clients dead | stranger floods service | hits full
        floods service traffic | pays hits | bots traffic full
        bandwidth full !disk
        real cannot acts | bots against me | bots traffic strained
    """,
}
"""Of the trouble that a topic is."""

ASIDE: dict[str, str] = {
    "hardware": "printer | wifi office",
    "certificate": "certificate",
    "backup": "backup",
    "disk": "disk exhausted | disk full",
    "tools": "payroll",
    "looks": "spelling | translation",
}
"""Of what lies beside the trouble of most runbooks."""

EXCUSED: dict[str, str] = {
    "elsewhere": "~trial place | testserver",
    "private": "~mine gadget",
    "over": """
        again works !not !unfinished !dead !fails !slow | again fine !not !unfinished !dead !fails !slow
        matter mended !not !unfinished
    """,
    "notice": """
        later upkeep | study | what > do-then > if
        reads article
    """,
    "others": "ours > not > affects | affects > ours > not | not > ours > affects",
    "fended off": "attempt stopped",
}
"""What says that nothing is to be opened, by why."""

KNOWN = Scenes(scene for topic, text in (TOLD | ASIDE).items() for scene in scenes(topic, text))
EXCUSES = Scenes(scene for why, text in EXCUSED.items() for scene in scenes(why, text))
