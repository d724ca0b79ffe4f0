"""AFTER: the post-incident review in the document's own template, its action items and its deadlines."""
