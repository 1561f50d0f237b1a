"""Paper: certificates and receipts as PDF/A-3, in Arabic and English; needs the extra `print`."""
