"""Load, decide, commit; lease a due job, perform it, record the fact."""
