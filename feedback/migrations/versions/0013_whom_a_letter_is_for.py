"""Whom a letter is for

Deploy: the version before can still run beside this one, though its /healthz says "schema". It shows a letter whose
person is looked for among those that wait, and delivers it to the whole department.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "not_meant",
        sa.Column("praise_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_not_meant_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_not_meant_person_id")),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_not_meant_praise_id")),
        sa.PrimaryKeyConstraint("praise_id", "person_id", name=op.f("pk_not_meant")),
    )
    op.add_column("person", sa.Column("also_called", sa.String(length=200), nullable=True))
    for name, columns in (("ix_praise_waiting", ["department_id", "id"]), ("ix_praise_held", ["id"])):
        op.create_index(
            op.f(name),
            "praise",
            columns,
            sqlite_where=sa.text("is_held = 1"),
            postgresql_where=sa.text("is_held"),
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_praise_held"), table_name="praise")
    op.drop_index(op.f("ix_praise_waiting"), table_name="praise")
    op.drop_column("person", "also_called")
    op.drop_table("not_meant")
