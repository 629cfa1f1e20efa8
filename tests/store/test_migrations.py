"""A database migrated from any earlier state has the schema of a fresh one, indexes included, and keeps its rows."""

from pathlib import Path

from tortoise import Tortoise

from bot.store.database import Database
from bot.store.tables import Inbox
from tests.store.conftest import open_database

SQLITE = "SELECT tbl_name, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_seq%' AND tbl_name NOT LIKE 'tortoise%'"
POSTGRES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'tortoise%'"


async def schema(database: Database) -> set[tuple[str, ...]]:
    rows = await database.connection.execute_query_dict(SQLITE if database.sqlite else POSTGRES)
    return {tuple(str(value) for value in row.values()) for row in rows}


async def columns(database: Database) -> set[tuple[str, ...]]:
    if database.sqlite:
        tables = {name for name, _ in await schema(database)}
        found = [(table, await database.connection.execute_query_dict(f"PRAGMA table_info({table})")) for table in tables]
        return {(table, row["name"], row["type"], str(row["notnull"])) for table, rows in found for row in rows}
    sql = "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    rows = await database.connection.execute_query_dict(sql)
    return {tuple(row.values()) for row in rows if not row["table_name"].startswith("tortoise")}


async def test_migrated_schema_equals_the_models(database: Database) -> None:
    migrated = await schema(database), await columns(database)
    for table in {name for name, *_ in migrated[0]}:
        await database.connection.execute_script(f"DROP TABLE {table} CASCADE" if not database.sqlite else f"DROP TABLE {table}")
    await Tortoise.generate_schemas()
    assert (await schema(database), await columns(database)) == migrated
    assert len(migrated[0]) > 50


async def test_migrating_again_keeps_every_row_and_index(database: Database) -> None:
    sql = "INSERT INTO inbox (platform, key, sender, payload, received_at, due_at) VALUES ('wecom', 'k', 's', '', 1, 1)"
    await database.connection.execute_query(sql)
    before = await schema(database)
    await database.migrate()
    assert await schema(database) == before
    assert await Inbox.all().count() == 1


async def test_due_queries_use_their_index(database: Database) -> None:
    if not database.sqlite:
        await database.connection.execute_query("SET enable_seqscan = off")
    plan = "EXPLAIN QUERY PLAN " if database.sqlite else "EXPLAIN "
    rows = await database.connection.execute_query_dict(
        plan + "SELECT rule, subject FROM deadlines WHERE due_at <= 5 ORDER BY due_at LIMIT 9"
    )
    assert "deadlines_due" in str(rows)


async def test_an_empty_database_is_brought_to_this_version_and_opened_again(empty: str, tmp_path: Path) -> None:
    first = await open_database(empty, tmp_path, migrate=True)
    assert len(await schema(first)) > 50
    await first.close()
    again = await open_database(empty, tmp_path)
    assert await Inbox.all().count() == 0
    await again.close()
