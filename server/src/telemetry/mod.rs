//! Traces of Weir itself, as OTLP over HTTP (JSON): requests, the use cases they ask, and appends.
//!
//! Written here instead of taken from the OpenTelemetry crates: those are nine more to compile, and they make an
//! attribute of every field that any crate records. Here a span is exported only if it says so (its target is
//! `weir::trace`), and only with the attributes that [`layer`] lists: a key, a payload or a query can't get among them.

mod export;
mod layer;
mod otlp;
mod parent;

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

pub use export::Exporter;
pub use layer::{Spans, TARGET};

use crate::config::Telemetry;

/// Finished spans that may wait for the collector.
const WAITING: usize = 4096;

static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Spans of this process that were not exported.
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

fn drop_some(spans: usize) {
    DROPPED.fetch_add(spans as u64, Ordering::Relaxed);
}

/// What takes spans in, and what sends them away.
///
/// # Errors
/// Why the collector can't be reached by https, in words that go on after a colon.
pub fn new(telemetry: &Telemetry) -> Result<(Spans, Exporter), String> {
    let (sender, receiver) = mpsc::channel(WAITING);
    Ok((Spans::new(sender, telemetry.sampled), Exporter::new(receiver, telemetry.endpoint.clone())?))
}
