"""The words of cases in an index, and beside each case what lists are narrowed by

Deploy: stop the version before first, as it would take in cases without their kind and place. What is there already is
found by its words once the worker or `jobs` has put it into the index, the newest first: some minutes per million.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_case_handler_id_id": (["handler_id", "id"], "handler_id is not null"),
    "ix_case_place_id_id": (["place_id", "id"], "place_id is not null"),
    "ix_case_severity": (["department_id", "severity", "id"], "severity <> 2"),
    "ix_case_open": (["department_id", "id"], "status <> 'closed'"),
    "ix_case_overdue": (["department_id", "due_at"], "due_at is not null"),
}
FTS5 = "create virtual table case_words using fts5 (words, detail = none, columnsize = 0, tokenize = \"ascii tokenchars '_'\")"


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("case", sa.Column("kind", sa.String(length=12), server_default="complaint", nullable=False))
    op.add_column("case", sa.Column("place_id", Id, nullable=True))
    op.add_column("case", sa.Column("is_indexed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        'update "case" set kind = submission.kind, place_id = submission.place_id'
        ' from submission where submission.id = "case".id'
    )
    op.drop_index("ix_case_handler_id_id", "case")
    for name, (columns, where) in PARTIAL.items():
        op.create_index(name, "case", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index(
        "ix_case_unindexed",
        "case",
        ["id"],
        sqlite_where=sa.text("is_indexed = 0"),
        postgresql_where=sa.text("not is_indexed"),
    )
    word = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")
    op.create_table("word", sa.Column("word", word, nullable=False), sa.PrimaryKeyConstraint("word", name="pk_word"))
    for statement in _on_sqlite() if on_sqlite else _on_postgresql():
        op.execute(statement)


def _on_sqlite() -> list[str]:
    return [FTS5, "insert into case_words (case_words, rank) values ('secure-delete', 1)"]


def _on_postgresql() -> list[str]:
    # Written in batches by the worker, so that nothing is gained by letting rows wait outside the tree.
    return [
        "create table case_words (case_id bigint not null constraint pk_case_words primary key, words tsvector not null)",
        "create index ix_case_words_words on case_words using gin (words) with (fastupdate = off)",
    ]


def downgrade() -> None:
    op.drop_table("case_words")
    op.drop_table("word")
    op.drop_index("ix_case_unindexed", "case")
    for name in PARTIAL:
        op.drop_index(name, "case")
    op.create_index("ix_case_handler_id_id", "case", ["handler_id", "id"])
    # Not by a batch: SQLite would make the table anew, and cannot drop what closures and shares refer to.
    for name in ("is_indexed", "place_id", "kind"):
        op.drop_column("case", name)
