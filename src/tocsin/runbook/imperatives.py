"""Verbs with which a sentence tells somebody to do something."""

from tocsin.runbook.comments import PROHIBITION
from tocsin.runbook.known_commands import words

VERBS = words("""
    abort accept access acknowledge activate add adjust advise alert allow analyse analyze announce apply approve
    archive arrange ask assemble assess assign attach attempt audit avoid back backup begin block book boot bring
    browse build bump call cancel capture change check choose claim clean clear click clone close collect
    communicate compare compile complete comply conduct confirm connect consider consult contact contain continue
    coordinate copy correlate cordon create customise customize cut debug decide declare decommission decrease
    define delete deploy describe destroy detach detect determine diagnose disable disconnect discuss document
    double-check downgrade download drain draft drop dump edit email empty enable end enforce engage enlist ensure
    enter eradicate escalate establish estimate evaluate examine execute expand explain export extend extract
    failover fetch figure file fill filter find finish fix flip flush focus follow force forward free freeze
    gather generate get give go grab grant guide halt handle hand hold identify ignore implement import improve
    increase inform initiate inspect install interview investigate invite invoke isolate issue join keep kill
    launch leave limit link list locate lock log login look lower make manage mark measure merge message migrate
    minimise minimize mitigate modify monitor mount move mute name navigate negotiate note notify observe obtain
    open order organise organize page paste patch pause perform pick pin ping place plan post prepare preserve
    press prevent prioritise prioritize proceed promote propose protect provide provision publish pull purge push
    put quarantine query raise re-enable re-run reach read reassign rebalance reboot rebuild recalculate recheck
    reclaim reconfigure reconnect record recover recreate redeploy redirect redo reduce refer reindex reinstall
    reissue release reload relocate remediate remember remind remount remove rename renew reopen repair repeat
    replace replay reply report request rerun reschedule reset resize resolve respond restart restore resume
    resync retain retrieve retry return revert review revoke roll rollback rotate route run save scale scan
    schedule scroll seal search secure see select send separate set share shift ship shorten shrink shut shutdown
    sign silence simulate skip slow snapshot snooze sort specify spin split stand start stay stop store submit
    subscribe suspend swap switch sync synchronise synchronize tag take talk tell terminate test throttle tighten
    time trace track transfer trigger troubleshoot try tune turn type uncordon undo uninstall unlock unmount
    unmute update upgrade upload use validate verify view visit wait walk warn watch whitelist wipe work write
    zoom
""")


def asks(sentence: str) -> bool:
    """Tell whether a plain sentence begins by asking somebody to do something."""
    first = sentence.split(maxsplit=1)[0].casefold().strip(",:") if sentence.strip() else ""
    return first in VERBS or PROHIBITION.match(sentence.replace("’", "'")) is not None  # noqa: RUF001
