"""Letters kept back

Deploy: the version before can still run beside this one, though its /healthz says "schema". It goes on showing a
letter that was kept back here among those that wait.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withholding",
        sa.Column("praise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_withholding_by_id")),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_withholding_praise_id")),
        sa.PrimaryKeyConstraint("praise_id", name=op.f("pk_withholding")),
    )


def downgrade() -> None:
    op.drop_table("withholding")
