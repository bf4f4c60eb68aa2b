"""Notices that are put off into a digest, or read in the application; how often each person wants to be mailed

Deploy: the version before can still run beside this one. Its worker sends each mail by itself, and where it claims a
digest it cannot write it and leaves it to be tried again.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_notice_digest_id": (["digest_id"], "digest_id is not null"),
    "ix_notice_sent": (["person_id", "sent_at"], "sent_at is not null and digest_id is null"),
    "ix_notice_news": (["person_id", "id"], "channel = 'app'"),
    "ix_notice_unread": (["person_id", "id"], "channel = 'app' and read_at is null"),
}


def upgrade() -> None:
    op.add_column(
        "notice",
        sa.Column("digest_id", Id, sa.ForeignKey("notice.id", name=op.f("fk_notice_digest_id")), nullable=True),
        inline_references=True,
    )
    op.add_column("notice", sa.Column("read_at", Moment(timezone=True), nullable=True))
    for name, (columns, which) in INDEXES.items():
        op.create_index(name, "notice", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
    op.create_table(
        "rhythm",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("cases", sa.String(length=8), nullable=False),
        sa.Column("praise", sa.String(length=8), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_until", sa.SmallInteger(), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(quiet_from is null) = (quiet_until is null)", name=op.f("ck_rhythm_both_ends")),
        sa.CheckConstraint("cases in ('at_once', 'daily', 'weekly')", name=op.f("ck_rhythm_cases")),
        sa.CheckConstraint("hour between 0 and 23 and weekday between 0 and 6", name=op.f("ck_rhythm_moment")),
        sa.CheckConstraint("praise in ('at_once', 'daily', 'weekly')", name=op.f("ck_rhythm_praise")),
        sa.CheckConstraint(
            "quiet_from between 0 and 23 and quiet_until between 0 and 23", name=op.f("ck_rhythm_quiet")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rhythm_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_rhythm")),
    )
    op.create_table(
        "glance",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_glance_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_glance")),
    )


def downgrade() -> None:
    op.drop_table("glance")
    op.drop_table("rhythm")
    op.execute("""update notice set due_at = (select d.due_at from notice d where d.id = notice.digest_id)
        where digest_id is not null and sent_at is null and given_up_at is null""")
    op.execute("update notice set digest_id = null")
    op.execute("delete from notice where channel = 'app' or about = 'digest'")
    for name in INDEXES:
        op.drop_index(name, "notice")
    for name in ("read_at", "digest_id"):
        op.drop_column("notice", name)
