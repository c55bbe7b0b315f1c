//! Private real servers for tests and for the demo: PostgreSQL, Kafka, and a bad network in front of them.
//!
//! Everything started here is a supervised child process: it lives in a private directory, listens on a free
//! loopback port, dies with the process that started it (whatever kills that one) and leaves nothing behind.
//!
//! ```no_run
//! # async fn f() -> Result<(), weir_testkit::Error> {
//! // A fresh, empty database on a server shared by all tests of the run; dropped with the guard.
//! let (url, _guard) = weir_testkit::fresh_database().await?;
//! // A broker shared by all tests of the run: make topic names unique.
//! let bootstrap = weir_testkit::Kafka::shared()?;
//! let topic = weir_testkit::unique("orders");
//! # Ok(()) }
//! ```
//!
//! Calls that start, stop or kill a server block for as long as that takes (0.1 to 5 s). On a multi-threaded
//! tokio runtime they step out of the way of other tasks by themselves; on a current-thread runtime they hold it up.

mod error;
mod kafka;
mod place;
mod postgres;
mod process;
mod proxy;

pub use error::{Error, Result};
pub use kafka::{Kafka, Options as KafkaOptions, Secure, User as KafkaUser, tool as kafka_tool};
pub use place::{PrivateDir, cache_dir};
pub use postgres::{Database, Options as PostgresOptions, Postgres, fresh_database};
pub use process::{Child, Exit, HeldPorts, Spec, free_port};
pub use proxy::{Network, TcpProxy};

/// A name no other test of this run uses: `orders` becomes `orders-k3f09x2m1q`.
#[must_use]
pub fn unique(name: &str) -> String {
    format!("{name}-{}", place::random_word(10))
}

/// Runs `work`, letting other tasks of a multi-threaded tokio runtime go on meanwhile.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
