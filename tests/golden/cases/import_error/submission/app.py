from fastapi import FastAPI

from helpers import missing

app = FastAPI()
