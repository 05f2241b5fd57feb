"""Inside the app's process: uvicorn, alone or with workers, on a listener that is already bound."""

import json
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from course.grading.processes import die_with_parent
from course.serving import CANNOT_START

GRACE_SECONDS = 2  # for open answers, after Ctrl-C or a save
LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "default": {"()": "uvicorn.logging.DefaultFormatter", "fmt": "app  %(message)s"},
        "access": {
            "()": "uvicorn.logging.AccessFormatter",
            "fmt": "app  %(request_line)s -> %(status_code)s",
        },
    },
    "handlers": {
        "default": {"class": "logging.StreamHandler", "formatter": "default"},
        "access": {"class": "logging.StreamHandler", "formatter": "access"},
    },
    "loggers": {
        "uvicorn": {"handlers": ["default"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}


def serve(listener: socket.socket, workers: int) -> int:
    """Serve until SIGTERM; returns the exit code."""
    config = uvicorn.Config(
        "course.serving.served:app",
        workers=workers,
        log_config=LOGS,
        use_colors=False,
        log_level=None,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if workers > 1:
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        codes = [process.exitcode for process in supervisor.processes]
        return CANNOT_START if CANNOT_START in codes else 0
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    return 0 if server.started else CANNOT_START


def main() -> None:
    """Settings are JSON in the first argument, the listener a file number (Windows: on stdin)."""
    settings = json.loads(sys.argv[1])
    if sys.platform == "win32":
        listener = socket.fromshare(bytes.fromhex(sys.stdin.readline()))
    else:
        die_with_parent(settings["parent"])
        listener = socket.socket(fileno=settings["listener"])
    sys.argv[:] = ["app.py"]
    sys.exit(serve(listener, settings["workers"]))


if __name__ == "__main__":
    main()
