"""Makes up an id for the body, whatever the header says."""

import uuid

FILE = "problems.py"
CAUGHT_BY = ("test_every_answer_has_the_id",)


def problem(request, status, detail, headers=None, **more):
    title = "Client Left" if status == CLIENT_LEFT else HTTPStatus(status).phrase
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": uuid.uuid4().hex,
        **more,
    }
    return JSONResponse(content, status, headers, media_type="application/problem+json")
