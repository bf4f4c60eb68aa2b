"""The employee's room: signing in, and the praise one earned."""

from flask import Blueprint

blueprint = Blueprint("employee", __name__)
