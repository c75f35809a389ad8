"""olivepress."""
