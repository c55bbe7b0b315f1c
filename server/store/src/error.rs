//! What the database says, told apart as callers need it: try again, or a defect.

use sqlx::Error;
use weir_domain::StoreError;

/// For `map_err`. The server's message and code only: its *detail* may quote values.
pub(crate) fn failed(e: Error) -> StoreError {
    match &e {
        Error::Database(db) => {
            let code = db.code().unwrap_or_default();
            let text = format!("{} ({code})", db.message());
            if passes(&code) { StoreError::Unavailable(text) } else { StoreError::Internal(text) }
        }
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
            StoreError::Unavailable(e.to_string())
        }
        // An answer that is cut off or out of step: the connection is done for, the next may be well.
        Error::Protocol(_) => StoreError::Unavailable(e.to_string()),
        _ => StoreError::Internal(e.to_string()),
    }
}

/// SQLSTATEs (PostgreSQL manual, appendix A) after which the same call may succeed.
fn passes(code: &str) -> bool {
    match code {
        // Serialisation, deadlock, lock not available, statement timeout or cancelled, idle in transaction.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" | "25P02"
        // Shutting down, crashed, starting up, database dropped.
        | "57P01" | "57P02" | "57P03" | "57P04"
        // A standby: the address leads to the wrong server for a while after a fail-over.
        | "25006"
        // Not yet made.
        | "3D000" => true,
        // Connection failures; credentials refused (an administrator may be changing them); too many connections, disk or memory full.
        _ => matches!(code.get(..2), Some("08" | "28" | "53")),
    }
}

/// The table is not there: a bucket that has not been made, or is gone.
pub(crate) fn no_such_table(e: &Error) -> bool {
    e.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("42P01")
}

/// Data that contradicts itself.
pub(crate) fn corrupt(what: impl Into<String>) -> Error {
    Error::Decode(what.into().into())
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn a_full_disk_is_waited_for_and_a_wrong_statement_is_not() {
        assert!(["53100", "53200", "53300", "57P03", "08006", "40001"].iter().all(|code| passes(code)));
        assert!(["42601", "23505", "22P02", "XX000", ""].iter().all(|code| !passes(code)));
    }
}
