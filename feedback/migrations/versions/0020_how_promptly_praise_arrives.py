"""How promptly praise arrives

Deploy: the version before can still run beside this one, though its /healthz says "schema". The worker counts the last
twelve weeks within an hour of its start.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_day")),
    )
    op.create_table(
        "promptness",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "department_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("stage", sa.String(length=9), nullable=False),
        sa.Column("within", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("stage in ('sent', 'delivered', 'in_person', 'read')", name=op.f("ck_promptness_stage")),
        sa.PrimaryKeyConstraint("day", "department_id", "stage", "within", name=op.f("pk_promptness")),
    )
    op.create_index(op.f("ix_promptness_department_id_day"), "promptness", ["department_id", "day"])


def downgrade() -> None:
    op.drop_table("promptness")
    op.drop_table("counted_day")
