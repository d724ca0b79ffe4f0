"""What each line of the document became: derived from the policy, for whoever reads or writes the runbook."""
