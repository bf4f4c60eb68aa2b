"""The manager's room: cases and QR links."""

from flask import Blueprint

blueprint = Blueprint("manager", __name__)
