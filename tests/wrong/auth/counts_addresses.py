"""Counts addresses, so that an office shares one budget and a traveller has many."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return get_remote_address(request)
