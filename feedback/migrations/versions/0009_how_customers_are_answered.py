"""Reply templates, how staff sign what customers read, and addresses that are told once

Deploy: the version before can still run beside this one; a wish to be told once that it does not know of waits.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisation", sa.Column("staff_names", sa.String(length=12), nullable=False, server_default="department")
    )
    op.create_table(
        "told_once",
        sa.Column("submission_id", Id, autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_told_once_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_told_once")),
    )
    op.create_table(
        "reply_template",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("says", sa.String(length=8), nullable=False),
        sa.CheckConstraint("says in ('answered', 'asked', 'replied')", name=op.f("ck_reply_template_says")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_template")),
    )
    op.create_table(
        "reply_text",
        sa.Column("template_id", Id, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["reply_template.id"], name=op.f("fk_reply_text_template_id")),
        sa.PrimaryKeyConstraint("template_id", "language", name=op.f("pk_reply_text")),
    )


def downgrade() -> None:
    for name in ("reply_text", "reply_template", "told_once"):
        op.drop_table(name)
    op.drop_column("organisation", "staff_names")
