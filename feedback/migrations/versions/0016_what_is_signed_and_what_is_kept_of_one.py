"""What is signed, and what is kept of someone

Deploy: the version before can still run beside this one, though its /healthz says "schema". A mail about a challenge
waits until a process of this version sends it; the one before would give it up, so its workers are stopped first.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "signing_key",
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "challenge",
        sa.Column("id", number, autoincrement=False, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("praise_id", number, nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("answered_at", Moment(timezone=True), nullable=True),
        sa.Column("answered_by_id", number, nullable=True),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome in ('corrected', 'left')", name=op.f("ck_challenge_outcome")),
        sa.CheckConstraint(
            "(answered_at is null) = (answered_by_id is null) and (answered_at is null) = (outcome is null)"
            " and (answered_at is null) = (answer is null)",
            name=op.f("ck_challenge_answered_whole"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_challenge_person_id")),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_challenge_praise_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_challenge_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    op.create_index(op.f("ix_challenge_answered_at_id"), "challenge", ["answered_at", "id"])
    op.create_index(op.f("ix_challenge_person_id_id"), "challenge", ["person_id", "id"])
    op.create_index(op.f("ix_reading_person_id_read_at"), "reading", ["person_id", "read_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_reading_person_id_read_at"), "reading")
    op.drop_table("challenge")
    op.drop_table("signing_key")
