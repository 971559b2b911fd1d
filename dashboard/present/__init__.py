"""Engine and query results as rows for templates: every word and every choice of tone is made here."""
