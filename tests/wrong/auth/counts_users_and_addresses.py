"""Gives a user another budget at each address."""

CAUGHT_BY = ("test_a_good_token_is_answered",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return f"{request.state.user}@{get_remote_address(request)}"
