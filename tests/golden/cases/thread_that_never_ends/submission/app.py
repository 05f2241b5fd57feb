import threading
import time

from fastapi import FastAPI

app = FastAPI()


def forever():
    while True:
        time.sleep(0.01)


threading.Thread(target=forever).start()


@app.get("/health")
def health():
    return {"status": "ok"}
