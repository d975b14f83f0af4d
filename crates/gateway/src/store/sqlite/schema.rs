//! How the database is set up and brought up to date.

use rusqlite::{Connection, OptionalExtension, params};
use ulid::Ulid;

use crate::clock::Clock;
use crate::store::StoreError;

/// Each brings the schema from its place (0, 1, …) to the next version.
const MIGRATIONS: [&str; 6] = [
    include_str!("../../../migrations/ops_001.sql"),
    include_str!("../../../migrations/ops_002_silences.sql"),
    include_str!("../../../migrations/ops_003_outbox.sql"),
    include_str!("../../../migrations/ops_004_machine_clock.sql"),
    include_str!("../../../migrations/ops_005_on_call.sql"),
    include_str!("../../../migrations/ops_006_labels_of_what_fired.sql"),
];

/// The newest schema version that this build knows.
#[expect(
    clippy::cast_possible_wrap,
    reason = "there are a handful of migrations"
)]
pub(super) const KNOWN_VERSION: i64 = MIGRATIONS.len() as i64;

/// What the writer needs: nothing that was answered may be lost when the power goes.
pub(super) fn configure_writer(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(())
}

/// What readers need: they never write.
pub(super) fn configure_reader(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(())
}

/// Brings the schema up to date, each step in a transaction of its own together with its version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_to(connection, KNOWN_VERSION)
}

/// Brings the schema up to `wanted` only, as gateways of that time did.
pub(super) fn migrate_to(connection: &mut Connection, wanted: i64) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > KNOWN_VERSION {
        return Err(StoreError::FromTheFuture {
            found,
            known: KNOWN_VERSION,
        });
    }
    for (version, sql) in (1_i64..).zip(MIGRATIONS) {
        if version <= found || version > wanted {
            continue;
        }
        let step = connection.transaction()?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    Ok(())
}

/// Gives the database another epoch at the same sequence number.
pub(super) fn begin_epoch(connection: &Connection, clock: &Clock) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE head SET epoch = ?1 WHERE id = 1",
        params![new_epoch(clock)],
    )?;
    Ok(())
}

fn new_epoch(clock: &Clock) -> String {
    let now_ms = u64::try_from(clock.now().0).unwrap_or_default();
    Ulid::from_parts(now_ms, rand::random()).to_string()
}

/// Gives a new database its epoch.
pub(super) fn ensure_head(connection: &Connection, clock: &Clock) -> Result<(), StoreError> {
    let there = connection
        .query_row("SELECT 1 FROM head WHERE id = 1", [], |_| Ok(()))
        .optional()?;
    if there.is_none() {
        let epoch = new_epoch(clock);
        connection.execute(
            "INSERT INTO head (id, epoch, seq) VALUES (1, ?1, 0)",
            params![epoch],
        )?;
    }
    Ok(())
}

/// Notes since when what fired is kept, once.
pub(super) fn ensure_fired_since(connection: &Connection, clock: &Clock) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO fired_since (id, at) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING",
        params![clock.now().0],
    )?;
    Ok(())
}
