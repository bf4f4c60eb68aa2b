"""Devices that are told

Deploy: the version before can still run beside this one, though its /healthz says "schema". It tells nobody.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_device",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("told_at", Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_push_device_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_device")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_push_device_address_hash")),
    )
    op.create_index(op.f("ix_push_device_person_id_id"), "push_device", ["person_id", "id"])
    op.create_table(
        "push_mark",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("until", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_mark")),
    )


def downgrade() -> None:
    op.drop_table("push_mark")
    op.drop_table("push_device")
