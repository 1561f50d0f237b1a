"""`amana report …`: counts over days and places, and lists by property."""
