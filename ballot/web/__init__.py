"""What a browser or another system sees: one blueprint for each audience."""
