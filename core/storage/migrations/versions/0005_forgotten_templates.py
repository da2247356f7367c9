"""a template that was revoked keeps no features and no photo

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RULE = "known_while_in_force"


def upgrade() -> None:
    """No row names the photos of those that were revoked before any more: the nightly upkeep removes them."""
    with op.batch_alter_table(
        "face_templates", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.alter_column("embedding", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.alter_column("photo_path", existing_type=sa.String(), nullable=True)
        batch_op.create_check_constraint(
            op.f(f"ck_face_templates_{RULE}"),
            "revoked_at IS NOT NULL OR (embedding IS NOT NULL AND photo_path IS NOT NULL)",
        )
    op.execute("UPDATE face_templates SET embedding = NULL, photo_path = NULL WHERE revoked_at IS NOT NULL")


def downgrade() -> None:
    """What is gone stays gone: an earlier version reads neither of a template that was revoked."""
    op.execute("UPDATE face_templates SET embedding = x'', photo_path = '' WHERE revoked_at IS NOT NULL")
    with op.batch_alter_table(
        "face_templates", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_face_templates_{RULE}"), type_="check")
        batch_op.alter_column("photo_path", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("embedding", existing_type=sa.LargeBinary(), nullable=False)
