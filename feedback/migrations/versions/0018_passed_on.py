"""Praise passed on: managers' lines, the mark beyond the call of duty, and what was brought to those who direct

Deploy: the version before can still run beside this one, though its /healthz says "schema". It shows none of it.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "manager_line",
        sa.Column("praise_id", Id, autoincrement=False, nullable=False),
        sa.Column("by_id", Id, autoincrement=False, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_manager_line_praise_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_manager_line_by_id")),
        sa.PrimaryKeyConstraint("praise_id", "by_id", name=op.f("pk_manager_line")),
    )
    op.create_table(
        "mark",
        sa.Column("praise_id", Id, autoincrement=False, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_mark_praise_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_mark_by_id")),
        sa.PrimaryKeyConstraint("praise_id", name=op.f("pk_mark")),
    )
    op.create_table(
        "bringing",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("praise_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_bringing_praise_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bringing_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_bringing_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bringing")),
    )
    op.create_index(op.f("ix_bringing_praise_id_person_id"), "bringing", ["praise_id", "person_id"], unique=True)
    op.create_index(op.f("ix_bringing_person_id_id"), "bringing", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("bringing")
    op.drop_table("mark")
    op.drop_table("manager_line")
