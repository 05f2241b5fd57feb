"""An oven that does not heat before it knows how much."""

import os
import sys


def degrees(name: str) -> int:
    """A temperature for bread, from the environment."""
    text = os.environ.get(name, "220")
    if not text.isdecimal() or not 100 <= int(text) <= 300:
        sys.exit(f"{name} is no temperature between 100 and 300.")
    return int(text)


if __name__ == "__main__":
    print(f"Heating to {degrees('OVEN_DEGREES')}.")
