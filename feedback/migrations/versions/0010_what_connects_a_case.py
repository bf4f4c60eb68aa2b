"""What connects a case with people and other cases: who added a concern, praise within other words, duplicates found

Deploy: the version before can still run beside this one; it would show a letter of an excerpt with all the words, so
praise is passed on out of a case only once every process is replaced.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KNOWN = {"added_by_id": "person.id", "taken_from_id": "department.id"}


def upgrade() -> None:
    op.add_column("concern", sa.Column("added_at", Moment(timezone=True), nullable=True))
    for name, target in KNOWN.items():
        key = sa.ForeignKey(target, name=op.f(f"fk_concern_{name}"))
        op.add_column("concern", sa.Column(name, Id, key, nullable=True), inline_references=True)
    op.add_column("praise", sa.Column("excerpt", sa.Text(), nullable=True))
    linked = sa.text("duplicate_of_id is not null")
    op.create_index(
        "ix_case_duplicate_of_id", "case", ["duplicate_of_id"], sqlite_where=linked, postgresql_where=linked
    )


def downgrade() -> None:
    op.drop_index("ix_case_duplicate_of_id", "case")
    # Without its excerpt a letter would show all of the complaint it stood in.
    op.execute("delete from reading where praise_id in (select id from praise where excerpt is not null)")
    op.execute("delete from praise where excerpt is not null")
    # Not by a batch, as in 0007: readings refer to praise.
    op.drop_column("praise", "excerpt")
    for name in (*reversed(KNOWN), "added_at"):
        op.drop_column("concern", name)
