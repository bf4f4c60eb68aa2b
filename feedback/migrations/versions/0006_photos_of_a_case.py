"""Photos that came with a step of a submission's history

Deploy: the version before can still run beside this one; it shows no photos, and takes none.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("file_id", Id, nullable=False),
        sa.Column("submission_id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("position between 1 and 3", name=op.f("ck_attachment_position")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_attachment_event_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_attachment_file_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_attachment_submission_id")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_submission_id"), "attachment", ["submission_id"])


def downgrade() -> None:
    op.drop_table("attachment")
