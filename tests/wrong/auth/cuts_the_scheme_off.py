"""Cuts the word Bearer off the header, with a space behind it or without."""

CAUGHT_BY = ("test_another_scheme_is_401",)


async def authenticate(request: Request) -> None:
    """Who is asking?"""
    header = request.headers.get("Authorization", "")
    request.state.user = None
    if header.startswith("Bearer"):
        request.state.user = user_of(header.removeprefix("Bearer").strip())
    if request.state.user is None:
        refuse_token(request)
