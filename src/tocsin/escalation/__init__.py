"""Who must know, and by when: ladder, reach, schedule, business hours."""
