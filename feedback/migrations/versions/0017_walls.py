"""Walls

Deploy: the version before can still run beside this one, though its /healthz says "schema". It has no walls.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wall",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("department_id", Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("made_by_id", Id, nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_wall_department_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_wall_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wall_token_hash")),
    )
    op.create_index(op.f("ix_wall_department_id_id"), "wall", ["department_id", "id"])
    op.create_table(
        "showing",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("praise_id", Id, nullable=False),
        sa.Column("agreed_by_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_showing_praise_id")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["person.id"], name=op.f("fk_showing_agreed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showing")),
    )
    op.create_index(op.f("ix_showing_praise_id"), "showing", ["praise_id"], unique=True)


def downgrade() -> None:
    op.drop_table("showing")
    op.drop_table("wall")
