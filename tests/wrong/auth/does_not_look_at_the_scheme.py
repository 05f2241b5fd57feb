"""Takes the last word of the header, whatever stands before it."""

CAUGHT_BY = ("test_another_scheme_is_401",)


async def authenticate(request: Request) -> None:
    """Who is asking?"""
    header = request.headers.get("Authorization", "")
    request.state.user = user_of(header.rpartition(" ")[2])
    if request.state.user is None:
        refuse_token(request)
