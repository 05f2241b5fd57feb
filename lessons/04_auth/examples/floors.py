"""A lift that does not start when it has not been told how many floors there are."""

import os


def read_floors(text: str) -> int:
    """The number of floors; ends the process when that is no number of floors."""
    floors = int(text) if text.isdecimal() else 0
    if floors < 2:
        raise SystemExit("FLOORS must be a whole number, 2 or more.")
    return floors


FLOORS = read_floors(os.environ.get("FLOORS", ""))
