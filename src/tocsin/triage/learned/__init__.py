"""What alerts of each kind of trouble read like, learned from labelled alerts."""
