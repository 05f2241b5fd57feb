"""Running things: the app with its LLM, the LLM alone, questions, the walkthrough."""

FOLDER = "COURSE_APP_FOLDER"
"""The variable that tells a served process which app is its own."""

STARTED = b"\0course: the app has started\0"
"""Written among what the app prints; `course serve` reads it and shows it to nobody."""

CANNOT_START = 3
"""The exit code of an app that does not start; uvicorn's own, which it does not try again."""


class Refused(Exception):
    """What was asked cannot be done as asked; the message is one sentence for a person."""
