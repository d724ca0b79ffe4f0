"""What has to stand around the document: alerting rules for its thresholds, and a first configuration."""
