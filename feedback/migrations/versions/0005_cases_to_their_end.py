"""What a case needs to its end: deadlines, closures, who decided before, and what the organisation promises

Deploy: the version before can still run beside this one; cases it takes in have no deadlines until someone touches
them.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENTS = (
    "acknowledged_at",
    "answered_at",
    "paused_at",
    "acknowledge_at",
    "answer_at",
    "due_at",
    "warn_at",
    "breached_at",
)


def upgrade() -> None:
    op.add_column("case", sa.Column("stage", sa.SmallInteger(), nullable=False, server_default="1"))
    for name in MOMENTS:
        op.add_column("case", sa.Column(name, Moment(timezone=True), nullable=True))
    op.add_column(
        "case",
        sa.Column(
            "duplicate_of_id",
            Id,
            sa.ForeignKey("case.id", name=op.f("fk_case_duplicate_of_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    for name in ("due_at", "warn_at"):
        running = sa.text(f"{name} is not null")
        op.create_index(f"ix_case_{name}", "case", [name], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "closure",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("remedy", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("rated_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("rating between 1 and 5", name=op.f("ck_closure_rating")),
        sa.CheckConstraint("stage in (1, 2)", name=op.f("ck_closure_stage")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_closure_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_closure_case_id")),
        sa.PrimaryKeyConstraint("case_id", "stage", name=op.f("pk_closure")),
    )
    op.create_table(
        "reviewer",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_reviewer_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reviewer_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_reviewer")),
    )
    op.create_table(
        "share",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_share_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_share_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_share_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_share")),
    )
    op.create_index(op.f("ix_share_person_id_at"), "share", ["person_id", "at"])
    op.create_table(
        "service_level",
        sa.Column("severity", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=5), nullable=False),
        sa.Column("acknowledge", sa.SmallInteger(), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=False),
        sa.Column("second", sa.SmallInteger(), nullable=False),
        sa.Column("counts_from_acknowledgement", sa.Boolean(), nullable=False),
        sa.CheckConstraint("acknowledge > 0 and answer > 0 and second > 0", name=op.f("ck_service_level_ahead")),
        sa.CheckConstraint("severity between 1 and 4", name=op.f("ck_service_level_severity")),
        sa.PrimaryKeyConstraint("severity", name=op.f("pk_service_level")),
    )


def downgrade() -> None:
    for name in ("service_level", "share", "reviewer", "closure"):
        op.drop_table(name)
    for name in ("due_at", "warn_at"):
        op.drop_index(f"ix_case_{name}", "case")
    with op.batch_alter_table("case") as batch_op:
        batch_op.drop_column("duplicate_of_id")
        for name in reversed(MOMENTS):
            batch_op.drop_column(name)
        batch_op.drop_column("stage")
