"""What an admin sets up: pictures, calendar, references, invitations, devices, rules, wording, and who changed what

Deploy: the version before can still run beside this one; it knows nothing of the new tables and leaves the new
columns as they are.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.CheckConstraint("width > 0 and height > 0 and size > 0", name=op.f("ck_file_measures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "rule",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("on_since", Moment(timezone=True), nullable=True),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_index(op.f("ix_rule_position"), "rule", ["position"])
    op.create_table(
        "wording",
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("language", "line", name=op.f("pk_wording")),
    )
    op.create_table(
        "absence",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("cover_id", Id, nullable=True),
        sa.CheckConstraint("cover_id <> person_id", name=op.f("ck_absence_someone_else")),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_absence_in_order")),
        sa.ForeignKeyConstraint(["cover_id"], ["person.id"], name=op.f("fk_absence_cover_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id_until_on"), "absence", ["person_id", "until_on"])
    op.create_index(op.f("ix_absence_until_on"), "absence", ["until_on"])
    op.create_table(
        "audit",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("noun_id", Id, nullable=True),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_audit_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_by_id_id"), "audit", ["by_id", "id"])
    op.create_index(op.f("ix_audit_noun_noun_id_id"), "audit", ["noun", "noun_id", "id"])
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("made_by_id", Id, nullable=True),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_invitation_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_expires_at"), "invitation", ["expires_at"])
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"])
    op.create_table(
        "person_place",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("place_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_place_person_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_person_place_place_id")),
        sa.PrimaryKeyConstraint("person_id", "place_id", name=op.f("pk_person_place")),
    )
    op.create_index(op.f("ix_person_place_place_id"), "person_place", ["place_id"])
    op.create_table(
        "device",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("pin_hash", sa.String(length=256), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["account.person_id"], name=op.f("fk_device_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_person_id"), "device", ["person_id"])
    op.create_table(
        "link_count",
        sa.Column("link_id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_link_count_link_id")),
        sa.PrimaryKeyConstraint("link_id", "day", name=op.f("pk_link_count")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["account.person_id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    # Columns are added, never a table copied: SQLite would take the rows that point at it for orphans meanwhile.
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(length=20), nullable=True))
    op.add_column("account", sa.Column("totp_since", Moment(timezone=True), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(
        "organisation", sa.Column("working_days", sa.JSON(), nullable=False, server_default="[0, 1, 2, 3, 4]")
    )
    for table in ("department", "person", "place", "topic"):
        op.add_column(table, sa.Column("reference", sa.String(length=100), nullable=True))
        op.create_index(op.f(f"ix_{table}_reference"), table, ["reference"], unique=True)
    for table, column, target in (
        ("organisation", "logo_id", "file.id"),
        ("person", "photo_id", "file.id"),
        ("link", "topic_id", "topic.id"),
        ("link", "successor_id", "link.id"),
    ):
        pointing = sa.Column(column, Id, sa.ForeignKey(target, name=op.f(f"fk_{table}_{column}")), nullable=True)
        op.add_column(table, pointing, inline_references=True)


def downgrade() -> None:
    for table, columns in (
        ("link", ("successor_id", "topic_id")),
        ("person", ("photo_id",)),
        ("organisation", ("logo_id", "working_days")),
        ("account", ("totp_step", "totp_since", "totp_secret")),
    ):
        for column in columns:
            op.drop_column(table, column)
    for table in ("topic", "place", "person", "department"):
        op.drop_index(op.f(f"ix_{table}_reference"), table)
        op.drop_column(table, "reference")
    for table in (
        "recovery_code", "link_count", "device", "person_place", "invitation", "audit", "absence", "wording", "rule",
        "holiday", "file",
    ):  # fmt: skip
        op.drop_table(table)
