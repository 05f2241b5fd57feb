"""Adds an address to the key that anybody can write."""

CAUGHT_BY = ("test_a_changing_forwarded_address_changes_nothing",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    address = request.headers.get("X-Forwarded-For", "here")
    return f"{request.state.user}@{address}"
