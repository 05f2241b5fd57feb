"""An OrderedDict as a list of guests: who was here last stands at the end."""

from collections import OrderedDict
from collections.abc import Iterable


def latest_guests(visits: Iterable[str], seats: int) -> list[str]:
    """The guests that sit down when there are so many seats; the longest absent goes."""
    guests: OrderedDict[str, None] = OrderedDict()
    for name in visits:
        guests[name] = None
        guests.move_to_end(name)
        if len(guests) > seats:
            guests.popitem(last=False)
    return list(guests)
