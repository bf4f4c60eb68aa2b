"""Who read which praise

Deploy: the version before can still run beside this one, though its /healthz says "schema". What someone opens there
meanwhile is told to the customer as before, and is new to that reader once more here.
"""

import sqlalchemy as sa
from alembic import op

from feedback.db import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The mark there was held for all whom the praise is for: the person, else the people of the department and below it.
AS_IT_WAS = """
with recursive below (top, id) as (
    select id, id from department
    union
    select below.top, department.id from department join below on department.parent_id = below.id
)
insert into reading (praise_id, person_id, read_at)
select praise.id, praise.person_id, praise.read_at from praise
where praise.person_id is not null and praise.read_at is not null
union all
select praise.id, person.id, praise.read_at from praise
join below on below.top = praise.department_id
join person on person.department_id = below.id
where praise.person_id is null and praise.read_at is not null and person.retired_at is null
"""


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("praise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reading_person_id")),
        sa.ForeignKeyConstraint(["praise_id"], ["praise.id"], name=op.f("fk_reading_praise_id")),
        sa.PrimaryKeyConstraint("praise_id", "person_id", name=op.f("pk_reading")),
    )
    op.execute(AS_IT_WAS)


def downgrade() -> None:
    op.drop_table("reading")
