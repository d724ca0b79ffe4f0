"""An ALERT arrives: foreign bodies become alerts."""
