"""Favourite letters

Deploy: the version before can still run beside this one, though its /healthz says "schema". It shows no favourites.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "favourite",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("praise_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_favourite_person_id")),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_favourite_praise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourite")),
    )
    op.create_index(op.f("ix_favourite_person_id_praise_id"), "favourite", ["person_id", "praise_id"], unique=True)
    op.create_index(op.f("ix_favourite_person_id_id"), "favourite", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("favourite")
