"""`amana intake …`: spreadsheets checked, imported, reviewed, taken back."""
