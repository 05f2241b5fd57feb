"""Leaves a crash to the server, which says it in plain text."""

CAUGHT_BY = (
    "test_a_crash_is_a_problem",
    "test_every_answer_has_the_id",
)
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
        except HTTPException:
            if scope["type"] != "http" or answered:
                raise
            request = Request(scope)
            log_crash(request.state.request_id)
            await apologise(request)(scope, receive, send)
