"""Tells the caller the text of the exception."""

from problems import problem

CAUGHT_BY = ("test_a_crash_tells_nothing_of_the_inside",)
FILE = "middleware.py"


class LastResort:
    """Answers for an exception that nobody has caught, and logs it without our key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watched_send(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception as error:
            if scope["type"] != "http" or answered:
                raise
            request = Request(scope)
            log_crash(request.state.request_id)
            await problem(request, 500, str(error))(scope, receive, send)
