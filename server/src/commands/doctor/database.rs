//! The database: reached, of a version and a schema that fit, with a clock that agrees, and ours.

use std::time::Instant;

use weir_domain::{Clock, InstanceId, StoreError};
use weir_store::{Health, Store};

use super::report::Report;
use crate::{
    ended::Ended,
    instance::{self, Known},
    print::words,
};

/// PostgreSQL's oldest version that has what Weir uses.
const OLDEST: u32 = 15;
/// Clocks further apart than this are told, and further than that stop the upkeep (µs).
const APART: u64 = 2_000_000;
const FAR_APART: u64 = 600_000_000;

/// Its instance id, if it is there and has one.
pub async fn look(store: &Store, clock: &dyn Clock, report: &mut Report) -> Result<Option<Health>, Ended> {
    let (before, begun) = (clock.now(), Instant::now());
    let health = match store.health().await {
        Ok(health) => health,
        Err(why) => {
            unreached(&why, report)?;
            return Ok(None);
        }
    };
    let took = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
    let Health { server, bytes, .. } = &health;
    let said = format!("PostgreSQL {server} answers within {}; it holds {}", words::length(took), words::bytes(*bytes));
    match server.split('.').next().and_then(|v| v.parse::<u32>().ok()) {
        Some(version) if version < OLDEST => {
            report.failed("reached", said, format!("Weir needs PostgreSQL {OLDEST} or newer: upgrade it."))?;
        }
        _ => report.ok("reached", said)?,
    }
    schema(&health, store.newest_migration(), report)?;
    // Somewhere between asking and the answer; half of it is a good guess.
    let apart = health.now.micros_since(before.plus_micros(took / 2));
    let said = format!("the database's and this machine's are {} apart", words::length(apart));
    match apart.unsigned_abs() {
        n if n > FAR_APART => report.failed(
            "clock",
            said,
            "Set both by NTP. As they are, nothing is removed when its retention ends, for fear of removing too much.",
        )?,
        n if n > APART => {
            report.note("clock", said, "Set both by NTP: delays and ages are shown wrongly by as much.")?;
        }
        _ => report.ok("clock", said)?,
    }
    Ok(Some(health))
}

fn unreached(why: &StoreError, report: &mut Report) -> Result<(), Ended> {
    let (said, out) = match why {
        StoreError::Unavailable(why) if why.contains("28") && why.contains("password") => {
            (why.clone(), "Check the role and the password in the database's address.")
        }
        StoreError::Unavailable(why) if why.contains("3D000") => {
            (why.clone(), "Create the database, empty, and let Weir's role own it.")
        }
        StoreError::Unavailable(why) => {
            (why.clone(), "Check that PostgreSQL runs there, and host and port in the database's address.")
        }
        other => (other.to_string(), "Check the database's address."),
    };
    report.failed("reached", said, out)?;
    report.skipped("schema", "the database was not reached")?;
    report.skipped("clock", "the database was not reached")
}

fn schema(health: &Health, newest: i64, report: &mut Report) -> Result<(), Ended> {
    match health.schema {
        None => report.ok("schema", "empty: the first start makes it"),
        Some(found) if found == newest => report.ok("schema", format!("at {found}, as this program knows it")),
        Some(found) if found < newest => report.note(
            "schema",
            format!("at {found}, older than this program's {newest}"),
            "The next start brings it up to date; so does weir migrate.",
        ),
        Some(found) => report.failed(
            "schema",
            format!("at {found}, newer than this program's {newest}"),
            "Start the newer Weir, or restore the database from before its update.",
        ),
    }
}

/// Does the state file say that this installation is the one that reads?
pub fn ours(file: &std::path::Path, database: Option<&InstanceId>, report: &mut Report) -> Result<(), Ended> {
    let shown = file.display();
    match (instance::known(file), database) {
        (_, None) => report.ok("instance", "the database is new: whoever starts first owns it"),
        (Known::Id(here), Some(there)) if here == *there => report.ok("instance", format!("{shown} fits the database")),
        (Known::Nothing, Some(_)) => report.note(
            "instance",
            format!("the database was used before, and {shown} is not there: taps stay off"),
            "Run weir adopt if this installation is the one that should read.",
        ),
        (Known::Id(_), Some(_)) => report.note(
            "instance",
            format!("the database belongs to another installation than {shown}: taps stay off"),
            "Run weir adopt if this installation is the one that should read, and no other does.",
        ),
        (Known::Unreadable(why), Some(_)) => {
            report.failed("instance", format!("{shown} can't be read: {why}"), "Make it readable, or run weir adopt.")
        }
    }
}
