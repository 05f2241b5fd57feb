from app.service import app
