"""The record everyone shares: facts (past tense), Incident = fold(facts), jobs (imperative)."""
