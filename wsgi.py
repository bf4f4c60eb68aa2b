"""The application object, for any WSGI server and for `flask --app wsgi`."""

from pathlib import Path

from dotenv import load_dotenv

from feedback import create_app
from feedback.config import SettingError
from feedback.db import StoreUnusable
from feedback.web import first_run, serving

load_dotenv(Path(__file__).with_name(".env"))
try:
    app = create_app()
except (SettingError, StoreUnusable) as error:
    raise SystemExit(f"Firsthand: {error}") from None
serving.wake_on_first_request(app)
first_run.tell_on_first_request(app)
