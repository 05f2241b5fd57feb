"""Verdicts as people and machines read them: screens, a live list, JSON and JUnit."""
