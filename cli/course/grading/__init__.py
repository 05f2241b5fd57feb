"""Grading: one `grade()` for starter, solution, work and any folder."""
