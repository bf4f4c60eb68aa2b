"""The admin's room: people, departments, places, topics, routing and settings; managers see their part of it."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
