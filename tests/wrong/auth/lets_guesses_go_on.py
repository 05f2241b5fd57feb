"""Refuses wrong tokens for ever without counting them."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def refuse_token(request: Request) -> NoReturn:
    """401 for a token that nobody has."""
    raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
