# %% [markdown] id=intro
# # Deployment: two ways to leave
#
# SIGTERM comes to every service, every day: a new version, an emptied node. This notebook starts
# two apps as a container would, what most people write first and the solution of this lesson, and
# sends it to both while somebody reads a stream. Before you run a cell, say what it will show.
#
# About ten minutes. The reasons are on the lesson's page, `lessons/10_deployment/README.md`.

# %% id=start
import subprocess
import sys
import threading
import time

import httpx

from course.notebook import FakeLLM, Gate, Reply, child_environment, course_file, free_port

llm = FakeLLM(api_key="the-key").start()
