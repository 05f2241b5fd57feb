from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    for _ in range(100):
        print("x" * 1_000_000)
    return {"status": "ok"}
