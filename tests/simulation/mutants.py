"""What is left out, and which test must notice: each sentence of the engine has a test that can fail.

`old` stands exactly once in its file. `script/chaos mutants` puts `new` in its place in a copy and runs the test.
"""

from typing import NamedTuple

FACTS = "test_each_sentence.py"
WORKERS = "test_each_sentence_of_workers.py"
LADDER = "test_each_sentence_of_the_ladder.py"
LANES = "test_each_sentence_of_lanes.py"
LINE = "test_each_sentence_of_the_line.py"
WAKING = "test_each_sentence_of_waking.py"
HISTORIES = "test_histories.py"
TOGETHER = "test_turns_together.py"
CHANGES = "../unit/engine/test_changes.py"
WATCHING = "../integration/watching/test_watching.py"
KEEPING = "../integration/watching/test_keeping.py"

_ALERT = "detection/alert.py"
_QUERIES = "store/queries.sql"
_TRANSACTIONS = "store/transactions.py"
_SQLITE = "store/sqlite.py"
_ENGINE = "engine/engine.py"
_TURNS = "engine/turns.py"
_SITTING = "engine/sitting.py"
_DEEDS = "engine/deeds.py"
_WORKER = "engine/worker.py"
_LIFECYCLE = "lifecycle.py"
_DECIDING = "grouping/deciding.py"
_LADDER = "escalation/ladder.py"
_REACH = "escalation/reach.py"
_PACING = "engine/pacing.py"
_CHANGES = "engine/changes.py"
_ASKING = "engine/asking.py"
_INTAKE = "engine/intake.py"
_ASSEMBLY = "assembly.py"
_INCIDENT = "incident/incident.py"
_SILENCING = "engine/silencing.py"
_TEST_PAGES = "engine/test_pages.py"
_KEEPING = "engine/keeping.py"


class Mutant(NamedTuple):
    """A sentence left out: `file` below src/tocsin, and the test (file, name) that must fail."""

    file: str
    old: str
    new: str
    tests: str
    test: str


MUTANTS = (
    Mutant(
        _QUERIES,
        "(SELECT lease IS NULL FROM job WHERE key = $2 || k)",
        "(SELECT TRUE FROM job WHERE key = $2 || k)",
        FACTS,
        "a_firing_repeat_while_a_turn_is_under_way_asks_for_another_one",
    ),
    Mutant(
        _ALERT,
        'if idle and not deciding and alert.action == "acknowledge":',
        'if idle and alert.action == "acknowledge":',
        FACTS,
        "what_comes_while_the_first_turn_of_an_alert_is_under_way_counts",
    ),
    Mutant(
        _ALERT,
        'if idle and not deciding and alert.action == "trigger":',
        'if idle and alert.action == "trigger":',
        FACTS,
        "an_acknowledgement_survives_a_repeat_while_the_first_turn_is_under_way",
    ),
    Mutant(
        _ALERT,
        "(self.answered == 0 or self.answered > triggers)",
        "(self.answered == 0 or self.answered > 0 * triggers)",
        FACTS,
        "an_acknowledgement_of_what_a_person_closed_meanwhile_does_not_take_what_comes_next",
    ),
    # -- commits
    Mutant(
        _QUERIES,
        "SET rev = rev + 1, seq = $2",
        "SET rev = rev + ($2 > seq), seq = $2",
        FACTS,
        "a_commit_without_facts_makes_every_decision_taken_before_it_conflict",
    ),
    Mutant(
        _QUERIES,
        "WHERE number = $1 AND rev = $7",
        "WHERE number = $1 AND (rev = $7 OR $2 <= seq)",
        FACTS,
        "a_commit_without_facts_is_itself_refused_after_another",
    ),
    Mutant(
        "store/migrations/sqlite/0001_first.sql",
        "CREATE UNIQUE INDEX incident_open",
        "CREATE INDEX incident_open",
        FACTS,
        "two_nodes_that_open_an_incident_for_one_group_get_one_incident",
    ),
    Mutant(
        _TRANSACTIONS,
        "    if others:\n        raise Refused",
        "    if others and False:\n        raise Refused",
        FACTS,
        "reopening_is_refused_while_a_newer_one_is_open_and_names_it",
    ),
    Mutant(
        _TURNS,
        "            with suppress(Refused):",
        "            with suppress():",
        FACTS,
        "a_turn_that_meets_an_older_one_reopened_by_a_person_goes_on_there_without_an_alarm",
    ),
    Mutant(
        _ENGINE,
        "return max(now, loaded.incident.at) if loaded.incident else now",
        "return now",
        FACTS,
        "time_never_runs_backwards_in_a_timeline_although_the_clock_does",
    ),
    # -- turns
    Mutant(
        _QUERIES,
        "WHERE key = $1 AND lease = $2 AND gen = $3 /*how many*/ RETURNING key",
        "WHERE key = $1 AND lease = $2 AND gen >= $3 /*how many*/ RETURNING key",
        FACTS,
        "an_event_during_a_turn_makes_it_run_again",
    ),
    Mutant(
        _QUERIES,
        "DELETE FROM job WHERE owner = $1 AND (",
        "DELETE FROM job WHERE (owner = $1 OR owner LIKE 'group/%') AND (",
        FACTS,
        "a_turn_survives_what_replaces_the_jobs_of_its_incident",
    ),
    Mutant(
        "detection/alert.py",
        "nudge=again or idle or louder",
        "nudge=again or louder",
        FACTS,
        "a_firing_repeat_after_a_person_resolved_too_early_is_decided_on",
    ),
    Mutant(
        "detection/alert.py",
        "nudge=again or idle or louder",
        "nudge=True",
        FACTS,
        "a_repeat_of_what_is_known_only_counts",
    ),
    Mutant(
        "store/documents.py",
        "    for (group_key,) in groups:\n        yield nudge",
        "    for (group_key,) in groups[:0]:\n        yield nudge",
        FACTS,
        "publishing_asks_for_a_turn_of_every_open_incident",
    ),
    Mutant(
        _TRANSACTIONS,
        ".triggers > triggers:",
        ".triggers > triggers + 10**9:",
        FACTS,
        "closing_is_decided_again_when_the_alert_fired_since_it_was_decided",
    ),
    Mutant(
        _SITTING,
        "if part.after is not None:  # others came before it",
        "if False:  # others came before it",
        TOGETHER,
        "an_incident_whose_alerts_end_in_one_line_ends_once",
    ),
    Mutant(
        _SITTING,
        "ordinal = timeline.next_ordinal + self._opened",
        "ordinal = timeline.next_ordinal",
        TOGETHER,
        "what_turns_decide_together_is_what_they_decide_one_after_the_other",
    ),
    Mutant(
        _SITTING,
        "sorted(self.parts.values(), key=_newest)",
        "self.parts.values()",
        TOGETHER,
        "what_turns_decide_together_is_what_they_decide_one_after_the_other",
    ),
    Mutant(
        _TURNS,
        "if loaded.alert and not self._needs_more(loaded, loaded.alert, begins, silences, at):",
        "if loaded.alert:",
        TOGETHER,
        "a_silenced_alert_is_held_back_and_those_in_line_with_it_are_not",
    ),
    Mutant(
        _TURNS,
        '        except (Conflict, Overtaken, Refused) as error:\n            log.debug("%d turns',
        '        except KeyError as error:\n            log.debug("%d turns',
        TOGETHER,
        "a_line_that_the_database_cuts_is_decided_one_by_one",
    ),
    Mutant(
        _TURNS,
        "        except Exception:  # each is decided again",
        "        except KeyError:  # each is decided again",
        TOGETHER,
        "a_turn_that_breaks_keeps_none_back_that_is_in_line_with_it",
    ),
    Mutant(
        _ENGINE,
        "        if self.unconfirmed:  # nobody is called",
        "        if True:  # nobody is called",
        FACTS,
        "a_level_that_is_due_is_called_with_the_commit_that_wants_it",
    ),
    Mutant(
        _ENGINE,
        "        if self.unconfirmed:  # nobody is called",
        "        if False:  # nobody is called",
        FACTS,
        "nobody_is_called_with_a_commit_before_a_restore_is_confirmed",
    ),
    Mutant(
        "engine/appending.py",
        "        except Exception:",
        "        except KeyError:",
        FACTS,
        "a_call_that_breaks_does_not_keep_an_incident_from_opening",
    ),
    Mutant(
        _ENGINE,
        "world = self.worlds.current if opens else await self.worlds.of(incident.runbook)",
        "world = self.worlds.current if opens else await self.worlds.of(None)",
        FACTS,
        "an_incident_keeps_the_minutes_of_the_runbook_it_opened_with",
    ),
    Mutant(
        _INCIDENT,
        "answered = msgspec.structs.replace(known, acknowledgements=body.seen.acknowledgements)",
        "answered = body.seen",
        FACTS,
        "the_end_of_an_alert_is_noticed_although_somebody_acknowledged_before_its_turn",
    ),
    Mutant(
        _DECIDING,
        "    if incident.automatic_reopenings >= world.settings.max_reopenings:",
        "    if incident.automatic_reopenings < 0:",
        FACTS,
        "after_three_automatic_reopenings_the_end_of_the_alert_does_not_close_it",
    ),
    Mutant(
        _DECIDING,
        "    if last.automatic_reopenings >= world.settings.max_reopenings:",
        "    if last.automatic_reopenings < 0:",
        FACTS,
        "a_capped_incident_that_a_human_closed_is_not_reopened_by_its_alert",
    ),
    Mutant(
        _TRANSACTIONS,
        "yield Query(name, many=tuple(rows))",
        "yield Query(name, many=tuple(reversed(rows)))",
        FACTS,
        "all_rows_of_alerts_are_taken_before_all_turns_each_in_one_order",
    ),
    # -- jobs
    Mutant(
        _DEEDS,
        "job.key == held.job.key and job.due <= now for job in loaded.jobs",
        "True for _ in [now]",
        FACTS,
        "a_page_whose_reason_went_away_while_it_was_held_is_not_sent",
    ),
    Mutant(
        _DEEDS,
        "job.key == held.job.key and job.due <= now for job in loaded.jobs",
        "job.key == held.job.key for job in loaded.jobs if now",
        FACTS,
        "a_call_whose_due_moved_away_while_it_was_held_waits_for_its_new_time",
    ),
    Mutant(
        _TRANSACTIONS,
        '    yield Query("release", (held.job.key, held.token, micros(now)))\n',
        '    yield Query("complete", (held.job.key, held.token))\n',
        FACTS,
        "a_call_whose_due_moved_away_while_it_was_held_waits_for_its_new_time",
    ),
    Mutant(
        _QUERIES,
        "SET due = excluded.due, args = excluded.args",
        "SET due = excluded.due, args = excluded.args, lease = NULL",
        FACTS,
        "replacing_keeps_attempts_the_wait_and_the_lease_of_a_job",
    ),
    Mutant(
        _QUERIES,
        "SET due = excluded.due, args = excluded.args",
        "SET due = excluded.due, args = excluded.args, attempts = 0",
        FACTS,
        "replacing_keeps_attempts_the_wait_and_the_lease_of_a_job",
    ),
    Mutant(
        _QUERIES,
        "SET due = excluded.due, args = excluded.args",
        "SET due = excluded.due, args = excluded.args, not_before = 0",
        FACTS,
        "replacing_keeps_attempts_the_wait_and_the_lease_of_a_job",
    ),
    Mutant(
        _QUERIES,
        "(lease IS NULL OR lease = $2 OR lease_until <= $3)",
        "(lease IS NULL OR $2 = $2 OR $3 = $3)",
        FACTS,
        "a_leased_job_that_nobody_wants_any_more_is_left_to_its_holder",
    ),
    Mutant(
        _QUERIES,
        "(lease IS NULL OR lease = $2 OR lease_until <= $3)",
        "(lease IS NULL OR lease = $2 OR lease_until <= 0 * $3)",
        FACTS,
        "a_leased_job_that_nobody_wants_is_dropped_once_its_lease_ran_out",
    ),
    Mutant(
        _LIFECYCLE,
        'f"{due.round}/{due.level}/{due.person}/{due.method}"',
        'f"1/{due.level}/{due.person}/{due.method}"',
        FACTS,
        "the_same_person_gets_another_key_in_another_round_and_after_a_reopening",
    ),
    Mutant(
        _LADDER,
        "at = below.at + wait if wait else self.answer_by(below.at)",
        "at = below.at + wait if wait else self.answer_by(self._incident.at)",
        FACTS,
        "a_later_turn_does_not_postpone_what_is_due",
    ),
    Mutant(
        "escalation/schedule.py",
        "return tuple(Called(person.id, via_fallback=True) for person in fallback(settings))",
        "return ()",
        FACTS,
        "a_level_with_nobody_in_it_goes_to_the_fallback",
    ),
    # -- workers
    Mutant(
        _QUERIES,
        "SET attempts = attempts + 1,",
        "SET attempts = 1,",
        WORKERS,
        "a_claim_counts_the_attempt_and_holds_for_the_lease",
    ),
    Mutant(
        _QUERIES,
        "WHERE rank = $7 AND due <= $1 AND not_before <= $1 AND (lease IS NULL OR lease_until <= $1)",
        "WHERE rank = $7 AND due <= $1 AND not_before <= $1",
        WORKERS,
        "a_claim_counts_the_attempt_and_holds_for_the_lease",
    ),
    Mutant(
        _QUERIES,
        "UPDATE job SET lease_until = $3 WHERE key = $1 AND lease = $2 /*how many*/ RETURNING due",
        "UPDATE job SET lease_until = $3 WHERE key = $1 AND $2 = $2 /*how many*/ RETURNING due",
        WORKERS,
        "a_worker_that_stalled_before_its_check_does_not_send_beside_its_successor",
    ),
    Mutant(
        _QUERIES,
        "(lease IS NULL OR lease = $2 OR lease_until <= $3)",
        "(lease IS NULL OR $2 = $2 OR $3 = $3)",
        WORKERS,
        "a_stale_worker_records_what_it_did_and_leaves_the_lease_of_its_successor",
    ),
    Mutant(
        _QUERIES,
        "not_before = $3 WHERE key = $1 AND lease = $2",
        "not_before = $3 WHERE key = $1 AND $2 = $2",
        WORKERS,
        "a_stale_worker_that_failed_does_not_give_away_the_lease_of_its_successor",
    ),
    Mutant(
        _WORKER,
        "lease.total_seconds() / 3",
        "lease.total_seconds() * 3",
        WORKERS,
        "a_deed_that_lasts_keeps_its_lease",
    ),
    Mutant(
        _DEEDS,
        "async with asyncio.timeout(deadline.total_seconds()):",
        "async with asyncio.timeout(None):",
        WORKERS,
        "a_send_that_hangs_does_not_hold_its_page_for_ever",
    ),
    Mutant(
        _DEEDS,
        "DEADLINE = timedelta(seconds=12)",
        "DEADLINE = timedelta(seconds=40)",
        WORKERS,
        "a_deed_ends_well_before_its_lease_does",
    ),
    Mutant(
        _SQLITE,
        'self._writer.execute(self._sql["leases_clear"])',
        'self._sql["leases_clear"]',
        WORKERS,
        "leases_of_sqlite_last_until_the_next_boot_clears_them",
    ),
    Mutant(
        _DEEDS,
        "if self._store.lease_expires else _FOREVER",
        "if True else _FOREVER",
        WORKERS,
        "leases_of_sqlite_last_until_the_next_boot_clears_them",
    ),
    Mutant(
        _DEEDS,
        "ends = not _is_endless(do) and (",
        "ends = True or (",
        WORKERS,
        "a_failed_send_that_is_retried_writes_no_fact_only_a_receipt",
    ),
    Mutant(
        _DEEDS,
        "MAX_ATTEMPTS = 6",
        "MAX_ATTEMPTS = 6000",
        WORKERS,
        "an_exhausted_page_goes_to_the_fallback",
    ),
    Mutant(
        _DEEDS,
        "(failed.permanent or spent)",
        "(spent)",
        WORKERS,
        "a_page_that_cannot_be_delivered_goes_to_the_fallback_at_once",
    ),
    Mutant(
        _DEEDS,
        "return (isinstance(do, j.Page) and do.endless) or isinstance(do, j.Amend)",
        "return False",
        WORKERS,
        "the_fallback_never_exhausts_and_writes_no_facts_meanwhile",
    ),
    Mutant(
        _DEEDS,
        "_LONGEST_WAIT = timedelta(minutes=5)",
        "_LONGEST_WAIT = timedelta(hours=5)",
        WORKERS,
        "the_fallback_never_exhausts_and_writes_no_facts_meanwhile",
    ),
    Mutant(
        _DEEDS,
        "if one.held.attempts > MAX_ATTEMPTS and not _is_endless(one.held.job.do)]",
        "if one.held.attempts > 9000]",
        WORKERS,
        "a_page_whose_workers_died_too_often_has_failed_without_being_sent",
    ),
    Mutant(
        _ENGINE,
        "        except Conflict:\n            return None\n        except CommitUnknown as error:\n            e",
        "        except KeyError:\n            return None\n        except CommitUnknown as error:\n            e",
        WORKERS,
        "a_conflict_records_the_page_again_and_does_not_send_it_again",
    ),
    Mutant(
        _WORKER,
        "await want(self._store, self._engine.changes, alarm)",
        "pass",
        WORKERS,
        "no_turn_is_taken_on_a_timeline_with_an_unknown_fact_and_the_fallback_hears_of_it",
    ),
    Mutant(
        _WORKER,
        "await want(self._store, self._engine.changes, alarm)",
        "pass",
        WORKERS,
        "a_turn_that_raises_alarms_the_fallback_and_is_tried_again",
    ),
    Mutant(
        _WORKER,
        "return [one for one in remembered if self._in_hand.get(one[0].job.key, since) > since]",
        "return []",
        WORKERS,
        "a_page_is_tried_from_memory_when_the_store_cannot_even_be_read",
    ),
    Mutant(
        _WORKER,
        "return tuple(one for one in lane if one.job.key != held.job.key)",
        "return lane",
        LANES,
        "who_stood_still_with_a_page_in_hand_sends_it_once_in_its_bundle",
    ),
    Mutant(
        _WORKER,
        "self._tried_without_store |= {held.job.key for held, _ in waiting}",
        "pass",
        WORKERS,
        "without_a_store_each_waiting_page_is_tried_once_per_process",
    ),
    Mutant(
        _WORKER,
        "await self._rest(asked, taken.due)",
        "await asyncio.sleep(0.001)",
        WORKERS,
        "a_full_worker_waits_for_a_free_place_instead_of_asking_the_store_again_and_again",
    ),
    Mutant(
        _WORKER,
        "_replace(due=_first_of(taken.due, opens))",
        "_replace(due=taken.due)",
        WORKERS,
        "a_lane_that_opens_while_the_store_answers_is_looked_at_when_it_opens",
    ),
    Mutant(
        _WORKER,
        "_AHEAD = 2 * _LONGEST_REST",
        "_AHEAD = _LONGEST_REST",
        WORKERS,
        "a_rest_that_begins_late_because_the_store_was_slow_ends_when_something_is_due",
    ),
    # -- channels and lanes
    Mutant(
        _REACH,
        "return due + min(step.wait, PATIENCE)",
        "return due + step.wait",
        LANES,
        "a_provider_that_hangs_delays_the_next_method_by_so_long_at_most",
    ),
    Mutant(
        _DEEDS,
        "now + wait + _SHORTEST >= held.job.due + PATIENCE",
        "now + wait >= held.job.due + 9 * PATIENCE",
        LANES,
        "a_provider_that_hangs_is_given_up_when_patience_ends",
    ),
    Mutant(
        _PACING,
        "if count >= (SENDS_AT_ONCE if channel else at_once)}",
        "if count >= (10**6 if channel else at_once)}",
        LANES,
        "a_hanging_provider_holds_only_its_own_places",
    ),
    Mutant(
        _DEEDS,
        "self.pacing.pause(j.sends_by(do)",
        "self.pacing.pause('nobody'",
        LANES,
        "every_message_of_a_channel_waits_as_long_as_its_provider_asked",
    ),
    Mutant(
        _PACING,
        "bucket.take(now)\n        if not lane or",
        "pass\n        if not lane or",
        LANES,
        "a_rate_delays_and_loses_nothing_and_the_most_urgent_goes_first",
    ),
    Mutant(
        "incident/jobs.py",
        "return min(WAKES + self.urgency, WAKES_LAST)",
        "return WAKES",
        LANES,
        "a_rate_delays_and_loses_nothing_and_the_most_urgent_goes_first",
    ),
    Mutant(
        _WORKER,
        "(claims + place) % LAST_FIRST == 0",
        "False",
        LANES,
        "the_least_urgent_is_not_left_behind_for_ever",
    ),
    Mutant(
        _PACING,
        "return lane in self._troubled or bucket.free_at(now) > now",
        "return False",
        LANES,
        "in_a_storm_a_person_gets_three_messages_and_then_bundles",
    ),
    Mutant(
        "engine/messages.py",
        "in sorted(parts, key=_urgency)",
        "in sorted(parts, key=lambda part: part[0].job.due)",
        LANES,
        "in_a_storm_a_person_gets_three_messages_and_then_bundles",
    ),
    Mutant(
        _DEEDS,
        "< held.attempts - 1",
        "< 0",
        LANES,
        "a_page_that_may_have_arrived_before_says_so",
    ),
    Mutant(
        "engine/outcomes.py",
        "return over or incident.acknowledged_after(seq)",
        "return False",
        LANES,
        "a_page_that_crossed_an_acknowledgement_is_marked",
    ),
    # -- the ladder
    Mutant(
        _LADDER,
        "at = below.at + wait if wait else self.answer_by(below.at)",
        "at = below.at + wait if wait else self.answer_by(self._incident.began_at) + rung * timedelta(minutes=1)",
        LADDER,
        "after_an_outage_two_levels_do_not_ring_together",
    ),
    Mutant(
        _LADDER,
        "if below is None or self._incident.acknowledged_after(below.seq) or",
        "if below is None or self._incident.acknowledged or",
        LADDER,
        "an_acknowledgement_stops_only_the_calls_before_it",
    ),
    Mutant(
        _LADDER,
        "return calls[0] if calls else None",
        "return calls[-1] if calls else None",
        LADDER,
        "unresolved_timers_count_from_the_first_call_and_not_from_the_round",
    ),
    Mutant(
        _INCIDENT,
        "return tuple(call for call in self.calls if call.seq > self.began_seq)",
        "return self.calls",
        LADDER,
        "unresolved_timers_begin_anew_with_a_reopening",
    ),
    Mutant(
        _LADDER,
        "return called_at + response.after\n",
        "return called_at + self._base\n",
        LADDER,
        "nobody_answers_a_p2_and_every_level_waits_two_hours",
    ),
    Mutant(
        _LADDER,
        "+ max(level.after - self._base, timedelta(0))",
        "+ level.after",
        LADDER,
        "what_is_taken_and_not_resolved_goes_up_after_30_min_and_one_hour",
    ),
    Mutant(
        _LADDER,
        "return next_opening(began, self._hours, self._zone) if waits else began",
        "return began",
        LADDER,
        "a_p3_waits_for_the_next_business_opening_and_then_for_a_business_day",
    ),
    Mutant(
        _LADDER,
        "return after_business_days(called_at, 1, self._hours, self._zone)",
        "return called_at + self._base",
        LADDER,
        "a_p3_waits_for_the_next_business_opening_and_then_for_a_business_day",
    ),
    Mutant(
        _LADDER,
        "at = below.at + wait if wait else self.answer_by(below.at)",
        "at = below.at + wait if wait else self.answer_by(max(below.at, self._incident.at))",
        LADDER,
        "raising_the_severity_does_not_begin_the_timer_anew",
    ),
    Mutant(
        _LADDER,
        "at = below.at + wait if wait else self.answer_by(below.at)",
        "at = below.at + wait if wait else self.answer_by(max(below.at, self._incident.at))",
        LADDER,
        "a_level_that_is_overdue_after_a_change_of_severity_is_called_at_once",
    ),
    Mutant(
        _DECIDING,
        "    if rank >= known:",
        "    if rank == known:",
        LADDER,
        "an_alert_raises_the_severity_and_never_lowers_it",
    ),
    Mutant(
        _INCIDENT,
        "alert_severity=incident.alert_severity if by_person else body.after",
        "alert_severity=body.after",
        LADDER,
        "the_same_alert_does_not_raise_what_a_person_lowered",
    ),
    Mutant(
        _LADDER,
        "if len(calls) < self._max_rounds and (",
        "if (",
        LADDER,
        "rounds_end_at_the_cap_and_the_fallback_hears_of_it_once",
    ),
    Mutant(
        _LADDER,
        "if last is None or self._incident.gave_up or self._incident.status",
        "if last is None or self._incident.status",
        LADDER,
        "rounds_end_at_the_cap_and_the_fallback_hears_of_it_once",
    ),
    Mutant(
        _REACH,
        "due += _fallback(FALLBACK, incident.gave_up.seq, incident.gave_up.at, incident, settings)",
        "pass",
        LADDER,
        "rounds_end_at_the_cap_and_the_fallback_hears_of_it_once",
    ),
    Mutant(
        _LADDER,
        "if at is None or any(self._stands",
        "if self._incident.gave_up or at is None or any(self._stands",
        LADDER,
        "the_cap_does_not_end_unresolved_timers",
    ),
    Mutant(
        _LADDER,
        "return None if last is None or self._incident.acknowledged_after(last.seq) else last",
        "return last",
        LADDER,
        "somebody_who_answers_ends_the_rounds_too",
    ),
    Mutant(
        _LADDER,
        "candidates += self._with_last(candidates)",
        "candidates += []",
        LADDER,
        "executive_is_told_of_a_p0_at_its_opening_and_called_with_the_last_level",
    ),
    Mutant(
        _LADDER,
        "if level.only_severity == incident.severity)",
        "if level.only_severity is not None)",
        LADDER,
        "executive_hears_nothing_of_a_p1",
    ),
    Mutant(
        _LADDER,
        "self._targets = self._named if self._immediate else ()",
        "self._targets = ()",
        LADDER,
        "those_named_at_once_are_called_besides_l1",
    ),
    Mutant(
        _LADDER,
        "return self._incident.restricted and self._immediate is not None",
        "return self._immediate is not None",
        LADDER,
        "those_named_at_once_are_called_besides_l1",
    ),
    Mutant(
        _LADDER,
        "return self._incident.restricted and self._immediate is not None",
        "return False",
        LADDER,
        "those_named_at_once_take_the_place_of_l1_in_a_restricted_incident",
    ),
    Mutant(
        _LADDER,
        "return self._immediate is None and level.id in self._named",
        "return False",
        LADDER,
        "the_minutes_of_an_entry_replace_those_of_the_unresolved_timer",
    ),
    Mutant(
        _LADDER,
        "candidates += self._rule_targets()",
        "candidates += []",
        LADDER,
        "those_an_entry_names_who_are_no_level_are_called_after_its_minutes",
    ),
)
"""Each is killed by one directed test."""

_ALONE = "one_node_whose_transactions_come_in_any_order_loses_nothing_either"
_AGAIN = "an_alert_that_comes_again_while_it_is_decided_on_is_decided_on_again_at_once"
_BACK = "what_is_given_back_is_taken_when_it_is_due"
_DOWN = "what_goes_down_wakes_who_works"
_EARLIER = "who_works_hears_when_something_is_due_earlier_than_it_knew"

WAKING_MUTANTS = tuple(
    Mutant(file, old, new, tests, test)
    for tests, test, file, old, new in (
        # who tells
        (
            WAKING,
            "alerts_that_go_from_one_incident_to_another_are_looked_at_at_once",
            _INTAKE,
            "        if ahead:\n            self._changes.ask()",
            "        pass",
        ),
        (WAKING, _AGAIN, _INTAKE, "            if not ahead:\n                self._changes.ask()", "            pass"),
        (HISTORIES, _ALONE, _ENGINE, "awaited=awaited))\n        self.changes.announce()", "awaited=awaited))"),
        (
            LINE,
            "a_turn_that_is_asked_for_while_it_ends_is_taken_again_at_once",
            _TURNS,
            "self._changes.ask()  # it was given back",
            "pass  # it was given back",
        ),
        (
            WAKING,
            "a_commit_tells_when_the_first_thing_it_wants_is_due",
            _ENGINE,
            "self.changes.tell(due)",
            "self.changes.tell()",
        ),
        (
            WAKING,
            "a_worker_that_rests_ends_when_it_is_told_to_stop",
            _WORKER,
            "self._engine.changes.announce()\n        if not self._running",
            "if not self._running",
        ),
        (
            WAKING,
            "who_works_is_woken_when_another_node_rings",
            "engine/nodes.py",
            "self._changes.announce()",
            "self._changes.tell()",
        ),
        (WAKING, _AGAIN, _TURNS, "what.silences))\n        self._changes.announce()", "what.silences))"),
        (
            WAKING,
            _AGAIN,
            _ENGINE,
            "            if due is None:\n                self.changes.ask()",
            "            pass",
        ),
        (WAKING, _AGAIN, _ENGINE, "if due is None and not self.store.in_order:", "if False:"),
        (WAKING, _AGAIN, _CHANGES, "None if turned or due <= now else due", "None if due <= now else due"),
        (
            WAKING,
            "alerts_that_go_from_one_incident_to_another_are_looked_at_at_once",
            _ENGINE,
            "self.changes.announce()\n        return tuple(after.incident for after in appended)",
            "return tuple(after.incident for after in appended)",
        ),
        (
            WAKING,
            "what_a_silence_held_back_is_looked_at_when_it_is_ended",
            _SILENCING,
            'its time")\n    engine.changes.announce()',
            'its time")',
        ),
        (
            WAKING,
            "a_silence_that_begins_is_shown_and_wakes_nobody_who_works",
            _SILENCING,
            "    engine.changes.tell()  # pages show it",
            "    pass  # pages show it",
        ),
        (
            WAKING,
            "who_waits_for_the_answer_to_a_test_page_hears_it_at_once",
            _TEST_PAGES,
            "        self._changes.tell()",
            "        pass",
        ),
        (
            WAKING,
            "an_answer_to_a_test_page_that_comes_while_it_is_looked_for_is_heard_at_once",
            _TEST_PAGES,
            "after(version, _LOOK)",
            "after(self._changes.version, _LOOK)",
        ),
        (
            KEEPING,
            "whoever_works_is_woken_where_something_follows_and_nowhere_else",
            _KEEPING,
            "p.keep(self._node, what.kept, what.dropped, what.told, now)):\n            self._woken()",
            "p.keep(self._node, what.kept, what.dropped, what.told, now)):\n            pass",
        ),
        (
            KEEPING,
            "what_was_kept_although_the_answer_was_lost_is_not_told_again",
            _KEEPING,
            "                    self._woken()",
            "                    pass",
        ),
        (WATCHING, _DOWN, "engine/watching.py", "engine.changes.announce)", "engine.changes.tell)"),
        (
            WATCHING,
            "what_a_remote_prober_sees_wakes_who_works_where_something_follows_and_nowhere_else",
            "engine/remote_probes.py",
            "        if waits:\n            self._engine.changes.announce()",
            "        pass",
        ),
        (
            WAKING,
            "what_is_asked_for_outside_incidents_is_done_at_once",
            _ASKING,
            "    changes.ask()",
            "    changes.tell()",
        ),
        (WAKING, _BACK, _ASKING, "    changes.tell(again)", "    changes.tell()"),
        (HISTORIES, _ALONE, _DEEDS, "(receipt,)))\n        self._engine.changes.announce()", "(receipt,)))"),
        (HISTORIES, _ALONE, _WORKER, "self._engine.changes.announce()  # there is room", "pass  # there is room"),
        (
            WAKING,
            "who_works_is_woken_by_a_new_version_of_the_document",
            _ASSEMBLY,
            "self.engine.changes.announce()\n        return Published(",
            "return Published(",
        ),
        (
            WAKING,
            "who_works_is_woken_by_a_version_that_another_node_published",
            _ASSEMBLY,
            'UTC")\n        self.engine.changes.announce()',
            'UTC")',
        ),
        (
            WAKING,
            "who_works_is_woken_when_a_restore_is_confirmed",
            _ASSEMBLY,
            'paging goes on")\n            self.engine.changes.announce()',
            'paging goes on")',
        ),
        # who rests
        (HISTORIES, _ALONE, _WORKER, "self._waits_for_place = any(room.closed)", "self._waits_for_place = False"),
        (HISTORIES, _ALONE, _WORKER, "self._waits_for_place or any(self._closed())", "self._waits_for_place"),
        (WAKING, _BACK, _WORKER, "[at for at in (due, changes.due) if at]", "[at for at in (due,) if at]"),
        (HISTORIES, _ALONE, _WORKER, "[at for at in (due, changes.due) if at]", "[at for at in (changes.due,) if at]"),
        (HISTORIES, _ALONE, _WORKER, "_rest(asked, taken.due)", "_rest(self._engine.changes.asked, taken.due)"),
        (
            WAKING,
            "what_is_given_back_while_the_worker_asks_is_taken_when_it_is_due",
            _WORKER,
            "        self._claims += len(taken.jobs)",
            "        self._engine.changes.due = None",
        ),
        (
            WAKING,
            "a_rest_ends_when_what_was_closed_opens_again",
            _WORKER,
            "changes, due = self._engine.changes, self._opening(due)",
            "changes = self._engine.changes",
        ),
        (HISTORIES, _ALONE, _WORKER, "_LONGEST_REST = timedelta(seconds=5)", "_LONGEST_REST = timedelta(seconds=6)"),
        # how that is said
        (WAKING, _AGAIN, _CHANGES, "self.asked += 1\n        self._resting = _woken(self._resting)", "self.asked += 1"),
        (WAKING, _BACK, _CHANGES, "else due\n            self._resting = _woken(self._resting)", "else due"),
        (CHANGES, _EARLIER, _CHANGES, "min(due, self.due) if self.due else due", "due"),
        (
            CHANGES,
            "what_was_asked_before_one_waits_is_not_waited_for",
            _CHANGES,
            "return self.asked > asked or await",
            "return await",
        ),
        (
            HISTORIES,
            "one_node_whose_leases_belong_to_a_boot_loses_nothing_either",
            "engine/line.py",
            "            self._entered = False\n            self._lock",
            "            self._lock",
        ),
    )
)
"""Each is a way to be woken, or to know how long to rest: one node alone is late without it."""

HISTORY_MUTANTS = tuple(
    Mutant(file, old, new, HISTORIES, "nodes_on_one_store_lose_nothing_whatever_befalls_them")
    for file, old, new in (
        ("detection/alert.py", "nudge=again or idle or louder", "nudge=again or louder"),
        (_DEEDS, "job.key == held.job.key and job.due <= now for job in loaded.jobs", "True for _ in [now]"),
        (
            _LIFECYCLE,
            'f"{due.round}/{due.level}/{due.person}/{due.method}"',
            'f"1/{due.level}/{due.person}/{due.method}"',
        ),
        (_LADDER, "self.answer_by(below.at)\n", "self.answer_by(self._incident.began_at)\n"),
        (_LADDER, "self._base, timedelta(0))", "2 * self._base, timedelta(0))"),
        ("engine/steps.py", "if do.changes and not await self._start(held, do):", "if do.changes and do.run < 0:"),
        (_LIFECYCLE, "        if channel not in update.sent\n", "        if channel and update.seq\n"),
    )
)
"""Each is noticed by the first 60 random histories too, which have no idea of it.

A missing generation or due check takes some hundred histories, and the rest thousands: the next decision repairs most
of what one of them spoils. That is why each has a test on purpose.
"""
