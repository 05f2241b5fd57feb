"""Gives a user another budget at each address."""

CAUGHT_BY = ("test_a_budget_follows_its_user_to_another_address",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return f"{request.state.user}@{get_remote_address(request)}"
