"""BEFORE: the policy, read from the Markdown document."""
