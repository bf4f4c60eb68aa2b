"""The first tables

Deploy: the first; there is no version before it.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rating", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "link_id", "department_id", "kind", "rating", name=op.f("pk_day_count")),
    )
    with op.batch_alter_table("day_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_day_count_department_id_day"), ["department_id", "day"], unique=False)

    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_parent_id_name"), ["parent_id", "name"], unique=False)

    op.create_table(
        "limit_count",
        sa.Column("who", sa.LargeBinary(length=16), nullable=False),
        sa.Column("window_at", Moment(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "window_at", name=op.f("pk_limit_count")),
    )
    with op.batch_alter_table("limit_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limit_count_window_at"), ["window_at"], unique=False)

    op.create_table(
        "limit_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_limit_salt")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("answer_days", sa.SmallInteger(), nullable=False),
        sa.Column("outside_reader", sa.String(length=320), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("demo_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("answer_days between 1 and 60", name=op.f("ck_organisation_answer_days")),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("public_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_shown_on_forms", sa.Boolean(name="is_shown_on_forms"), nullable=False),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_person_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_department_id_public_name"), ["department_id", "public_name"], unique=False
        )

    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_place_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_parent_id_name"), ["parent_id", "name"], unique=False)

    op.create_table(
        "topic",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_topic_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_department_id_name"), ["department_id", "name"], unique=False)

    op.create_table(
        "account",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sign_in_name", sa.String(length=320), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("is_admin", sa.Boolean(name="is_admin"), nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_account_sign_in_name")),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("retired_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(case when person_id is null then 0 else 1 end) + (case when department_id is null then 0 else 1 end) + (case when place_id is null then 0 else 1 end) = 1",
            name=op.f("ck_link_one_target"),
        ),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_link_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_person_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_link_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("code", name=op.f("uq_link_code")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_place_id"), ["place_id"], unique=False)

    op.create_table(
        "management",
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_management_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_management_person_id")),
        sa.PrimaryKeyConstraint("department_id", "person_id", name=op.f("pk_management")),
    )
    with op.batch_alter_table("management", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_management_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_link", sa.Boolean(name="is_link"), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["account.person_id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_note", sa.String(length=200), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("submitted_at", Moment(timezone=True), nullable=False),
        sa.Column("happened_at", Moment(timezone=True), nullable=True),
        sa.Column("may_share", sa.Boolean(name="may_share"), nullable=False),
        sa.Column("is_trapped", sa.Boolean(name="is_trapped"), nullable=False),
        sa.Column("is_hasty", sa.Boolean(name="is_hasty"), nullable=False),
        sa.Column("is_history", sa.Boolean(name="is_history"), nullable=False),
        sa.CheckConstraint(
            "kind in ('compliment', 'complaint', 'suggestion', 'survey')", name=op.f("ck_submission_kind")
        ),
        sa.CheckConstraint("length(key) = 16", name=op.f("ck_submission_key_is_whole")),
        sa.CheckConstraint("rating between 1 and 5", name=op.f("ck_submission_rating")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_submission_department_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_submission_link_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_person_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_submission_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("key", name=op.f("uq_submission_key")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_receipt_hash"), ["receipt_hash"], unique=False)

    op.create_table(
        "case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handler_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('received', 'acknowledged', 'in_progress', 'answered', 'closed')", name=op.f("ck_case_status")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_case_department_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["person.id"], name=op.f("fk_case_handler_id")),
        sa.ForeignKeyConstraint(["id"], ["submission.id"], name=op.f("fk_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_department_id_id"), ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_handler_id_id"), ["handler_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_status_id"), ["status", "id"], unique=False)

    op.create_table(
        "concern",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_concern_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_concern_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "person_id", name=op.f("pk_concern")),
    )
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_concern_person_id"), ["person_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("may_contact", sa.Boolean(name="may_contact"), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_contact_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_contact")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_event_by_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_event_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_event_submission_id_number")),
    )
    op.create_table(
        "praise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_held", sa.Boolean(name="is_held"), nullable=False),
        sa.Column("read_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_praise_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_praise_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_praise_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_praise")),
    )
    with op.batch_alter_table("praise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_praise_department_id_id"), ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_praise_person_id_id"), ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_praise_submission_id"), ["submission_id"], unique=False)
        batch_op.create_index(
            "ix_praise_together",
            ["department_id", "id"],
            unique=False,
            sqlite_where=sa.text("person_id is null"),
            postgresql_where=sa.text("person_id is null"),
        )

    op.create_table(
        "route",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_route_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_route_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_route_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "position", name=op.f("pk_route")),
    )
    with op.batch_alter_table("route", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_route_department_id_purpose_submission_id"),
            ["department_id", "purpose", "submission_id"],
            unique=False,
        )

    op.create_table(
        "submission_topic",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submission_topic_submission_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_submission_topic_topic_id")),
        sa.PrimaryKeyConstraint("submission_id", "topic_id", name=op.f("pk_submission_topic")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at is not null"),
            postgresql_where=sa.text("due_at is not null"),
        )


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_due_at",
            sqlite_where=sa.text("due_at is not null"),
            postgresql_where=sa.text("due_at is not null"),
        )

    op.drop_table("notice")
    op.drop_table("submission_topic")
    with op.batch_alter_table("route", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_route_department_id_purpose_submission_id"))

    op.drop_table("route")
    with op.batch_alter_table("praise", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_praise_together",
            sqlite_where=sa.text("person_id is null"),
            postgresql_where=sa.text("person_id is null"),
        )
        batch_op.drop_index(batch_op.f("ix_praise_submission_id"))
        batch_op.drop_index(batch_op.f("ix_praise_person_id_id"))
        batch_op.drop_index(batch_op.f("ix_praise_department_id_id"))

    op.drop_table("praise")
    op.drop_table("event")
    op.drop_table("contact")
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_concern_person_id"))

    op.drop_table("concern")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_status_id"))
        batch_op.drop_index(batch_op.f("ix_case_handler_id_id"))
        batch_op.drop_index(batch_op.f("ix_case_department_id_id"))

    op.drop_table("case")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_receipt_hash"))

    op.drop_table("submission")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_expires_at"))

    op.drop_table("sign_in")
    with op.batch_alter_table("management", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_management_person_id"))

    op.drop_table("management")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_place_id"))
        batch_op.drop_index(batch_op.f("ix_link_person_id"))
        batch_op.drop_index(batch_op.f("ix_link_department_id"))

    op.drop_table("link")
    op.drop_table("account")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_department_id_name"))

    op.drop_table("topic")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_parent_id_name"))
        batch_op.drop_index(batch_op.f("ix_place_department_id"))

    op.drop_table("place")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_department_id_public_name"))

    op.drop_table("person")
    op.drop_table("organisation")
    op.drop_table("limit_salt")
    with op.batch_alter_table("limit_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_limit_count_window_at"))

    op.drop_table("limit_count")
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_parent_id_name"))

    op.drop_table("department")
    with op.batch_alter_table("day_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_day_count_department_id_day"))

    op.drop_table("day_count")
