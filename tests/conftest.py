"""What all tests share."""

import os
import signal

os.environ["TERM"] = "xterm"  # rich draws nothing again on a dumb one
os.environ.pop("PYTHONUNBUFFERED", None)  # a learner's output is buffered

# A shell that starts us in the background has SIGINT ignored, and so would every process we start:
# with a handler of our own, they begin with the default, as in a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)
