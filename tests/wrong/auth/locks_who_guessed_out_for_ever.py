"""Counts guesses and never forgets one, so that a slip of long ago still counts."""

from collections import Counter

from limits import parse

CAUGHT_BY = ("test_coming_back_then_works",)


guessed = Counter[str]()


def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has; 429 once its address has tried too many."""
    limit, address = parse(AUTH_FAILURE_LIMIT), get_remote_address(request)
    guessed[address] += 1
    if guessed[address] > limit.amount:
        raise HTTPException(429, "Too many requests.", {"Retry-After": str(limit.get_expiry())})
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
