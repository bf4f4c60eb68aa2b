"""Notices of an occasion, such as an invitation, where there is no event; people by name from an index

Deploy: the version before can still run beside this one. It writes notices of events as before; where its worker
claims a notice of an occasion, it cannot write the mail and leaves it to be tried again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DUE = sa.text("due_at is not null")


def notice(*, with_occasion: bool) -> sa.Table:
    """The table before or after; named in full, because SQLite copies it and tells nothing of its checks."""
    parts: list[Any] = [
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("event_id", Id, nullable=with_occasion),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("due_at", Moment(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=22), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", Moment(timezone=True), nullable=True),
        sa.Column("given_up_at", Moment(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(person_id is null) <> (address is null)", name=op.f("ck_notice_one_recipient")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("event_id", "address", "channel", name=op.f("uq_notice_event_id_address_channel")),
        sa.UniqueConstraint("event_id", "person_id", "channel", name=op.f("uq_notice_event_id_person_id_channel")),
        sa.Index("ix_notice_due_at", "due_at", sqlite_where=DUE, postgresql_where=DUE),
    ]
    if with_occasion:
        parts += [
            sa.Column("occasion", sa.String(length=64), nullable=True),
            sa.CheckConstraint("(event_id is null) <> (occasion is null)", name=op.f("ck_notice_one_cause")),
            sa.UniqueConstraint(
                "about", "occasion", "person_id", "channel", name=op.f("uq_notice_about_occasion_person_id_channel")
            ),
        ]
    return sa.Table("notice", sa.MetaData(), *parts)


def upgrade() -> None:
    # The table may be copied on SQLite: nothing refers to it.
    with op.batch_alter_table("notice", copy_from=notice(with_occasion=False)) as batch_op:
        batch_op.add_column(sa.Column("occasion", sa.String(length=64), nullable=True))
        batch_op.alter_column("event_id", existing_type=Id, nullable=True)
        batch_op.create_check_constraint(op.f("ck_notice_one_cause"), "(event_id is null) <> (occasion is null)")
        batch_op.create_unique_constraint(
            op.f("uq_notice_about_occasion_person_id_channel"), ["about", "occasion", "person_id", "channel"]
        )
    op.create_index(op.f("ix_person_name_id"), "person", ["name", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_person_name_id"), "person")
    op.execute("delete from notice where event_id is null")
    with op.batch_alter_table("notice", copy_from=notice(with_occasion=True)) as batch_op:
        batch_op.drop_constraint(op.f("uq_notice_about_occasion_person_id_channel"), type_="unique")
        batch_op.drop_constraint(op.f("ck_notice_one_cause"), type_="check")
        batch_op.alter_column("event_id", existing_type=Id, nullable=False)
        batch_op.drop_column("occasion")
