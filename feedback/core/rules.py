"""Rules an admin sets beyond the defaults of routing: ordered, and tried before they are switched on."""

from typing import Any

from sqlalchemy import JSON, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from feedback.core.organisation import Pictured
from feedback.db import Base, id_key, moment


class Rule(Pictured, Base):
    """When all `conditions` hold, all `actions` are taken; rules are asked in the order of their positions."""

    __tablename__ = "rule"
    __table_args__ = (Index(None, "position", info={"serves": "all rules in their order"}),)

    id: Mapped[id_key]
    position: Mapped[int] = mapped_column(SmallInteger)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[moment]
    on_since: Mapped[moment | None]  # null: written, but not switched on
    retired_at: Mapped[moment | None]
