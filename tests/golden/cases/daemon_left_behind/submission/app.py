import os
import subprocess
import sys

from fastapi import FastAPI

app = FastAPI()

if os.fork() == 0:  # a double fork in a session of its own: what ends a group does not end it
    os.setsid()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)  # daemon"])
    os._exit(0)


@app.get("/health")
def health():
    return {"status": "ok"}
