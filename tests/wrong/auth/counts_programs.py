"""Takes each program of a user for a user of its own, by the name that it gives itself."""

CAUGHT_BY = ("test_a_changing_forwarded_address_changes_nothing",)


def user_key(request: Request) -> str:
    """Whose budget a request draws on."""
    return f"{request.state.user} with {request.headers.get('User-Agent', 'nothing')}"
