"""Surveys and polls, and links inside the company

Deploy: the version before can still run beside this one, though its /healthz says "schema".
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Id, Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link", sa.Column("is_internal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "survey",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", Id, nullable=True),
        sa.Column("audience", sa.String(length=9), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=True),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("made_by_id", Id, nullable=True),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("audience in ('customers', 'staff')", name=op.f("ck_survey_audience")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_survey_department_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_survey_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("code", name=op.f("uq_survey_code")),
    )
    op.create_index(op.f("ix_survey_department_id_id"), "survey", ["department_id", "id"])
    op.create_table(
        "edition",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", Moment(timezone=True), nullable=True),
        sa.Column("published_by_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_edition_published_by_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_edition_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
    op.create_index(op.f("ix_edition_survey_id_number"), "edition", ["survey_id", "number"], unique=True)
    op.create_table(
        "asking",
        sa.Column("link_id", Id, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("moment", sa.String(length=7), nullable=False),
        sa.Column("shows_first", sa.Boolean(name="shows_first"), nullable=False),
        sa.CheckConstraint("moment in ('before', 'after', 'instead')", name=op.f("ck_asking_moment")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_asking_edition_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_asking_link_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_asking_survey_id")),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_asking")),
    )
    op.create_index(op.f("ix_asking_survey_id_link_id"), "asking", ["survey_id", "link_id"])
    op.create_table(
        "portion",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("link_id", Id, nullable=True),
        sa.Column("department_id", Id, nullable=True),
        sa.Column("place_id", Id, nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_portion_department_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_portion_link_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_portion_place_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_portion_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portion")),
    )
    op.create_index(op.f("ix_portion_survey_id_id"), "portion", ["survey_id", "id"])
    op.create_table(
        "response",
        sa.Column("submission_id", Id, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("is_partial", sa.Boolean(name="is_partial"), nullable=False),
        sa.Column("portion_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_response_edition_id")),
        sa.ForeignKeyConstraint(["portion_id"], ["portion.id"], name=op.f("fk_response_portion_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_response_submission_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_response_survey_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_response")),
    )
    op.create_index(
        op.f("ix_response_survey_id_portion_id_submission_id"), "response", ["survey_id", "portion_id", "submission_id"]
    )
    op.create_index(
        "ix_response_uncounted",
        "response",
        ["survey_id", "submission_id"],
        sqlite_where=sa.text("portion_id is null"),
        postgresql_where=sa.text("portion_id is null"),
    )
    op.create_table(
        "begun",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("link_id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_begun_edition_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_begun_link_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_begun")),
    )
    op.create_index(op.f("ix_begun_at"), "begun", ["at"])
    op.create_table(
        "answer_count",
        sa.Column("survey_id", Id, autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("scope_id", Id, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("question", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "survey_id", "scope", "scope_id", "language", "week", "question", "value", name=op.f("pk_answer_count")
        ),
    )
    op.create_index(
        "ix_answer_count_responses",
        "answer_count",
        ["survey_id", "scope", "scope_id", "language"],
        sqlite_where=sa.text("question = ''"),
        postgresql_where=sa.text("question = ''"),
    )
    op.create_table(
        "answer_text",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("portion_id", Id, nullable=False),
        sa.Column("question", sa.String(length=12), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["portion_id"], ["portion.id"], name=op.f("fk_answer_text_portion_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_answer_text_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_text")),
    )
    op.create_index(op.f("ix_answer_text_survey_id_question_id"), "answer_text", ["survey_id", "question", "id"])
    op.create_table(
        "poll_count",
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_poll_count_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", "value", name=op.f("pk_poll_count")),
    )


def downgrade() -> None:
    op.drop_table("poll_count")
    op.drop_table("answer_text")
    op.drop_table("answer_count")
    op.drop_table("begun")
    op.drop_table("response")
    op.drop_table("portion")
    op.drop_table("asking")
    op.drop_table("edition")
    op.drop_table("survey")
    op.drop_column("link", "is_internal")
