//! Structured logs on the standard error: text on a terminal, JSON otherwise or as `WEIR_LOG_FORMAT` says.
//! They hold no payload, no query string and no secret.

use std::{
    io::{IsTerminal as _, stderr},
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::filter_fn,
    fmt,
    layer::{Context, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::telemetry::{self, Spans};

/// Leptos and sqlx tell much that is of no use here, and may quote what must not be logged.
/// What is a trace (`weir::trace`) is not for the log, and waits for connections are counted.
const QUIET: &str = "info,sqlx=warn,sqlx::pool::acquire=off,weir::trace=off,leptos=error,leptos_dom=error,reactive_graph=error,any_spawner=error,hyper=warn";

/// Begins logging, and collecting `spans` if there is somebody who takes them. `WEIR_LOG` is a filter such as
/// `info,weir_tap=debug`; `WEIR_LOG_FORMAT` is `text` or `json`.
pub fn begin(spans: Option<Spans>) {
    let filter = match std::env::var("WEIR_LOG") {
        Ok(text) => EnvFilter::builder().parse_lossy(format!("{QUIET},{text}")),
        Err(_) => EnvFilter::new(QUIET),
    };
    let text = match std::env::var("WEIR_LOG_FORMAT").as_deref() {
        Ok("text") => true,
        Ok("json") => false,
        _ => stderr().is_terminal(),
    };
    let spans = spans.map(|spans| spans.with_filter(filter_fn(|m| m.is_span() && m.target() == telemetry::TARGET)));
    let waits = DatabaseWaits.with_filter(filter_fn(|m| m.target() == WAITS));
    let registry = tracing_subscriber::registry().with(spans).with(waits);
    // A second call (tests) keeps the first.
    let _ = if text {
        let ansi = stderr().is_terminal();
        let lines = fmt::layer().with_writer(stderr).with_ansi(ansi).with_target(false);
        registry.with(lines.with_filter(filter)).try_init()
    } else {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(stderr).with_filter(filter)).try_init()
    };
    // The default hook prints the panic's text, which may quote data.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if reads_what_is_gone(&place) {
            tracing::info!(place, "a page was given up while it was drawn");
        } else {
            tracing::error!(place, "a task panicked: this is a defect");
        }
    }));
}

/// Where sqlx tells of a connection that was waited for.
const WAITS: &str = "sqlx::pool::acquire";

static WAITED: AtomicU64 = AtomicU64::new(0);
static WAITED_MICROS: AtomicU64 = AtomicU64::new(0);

/// How often a connection to the database was waited for (longer than the store's threshold), and for how many seconds.
pub fn database_waits() -> (u64, f64) {
    (WAITED.load(Ordering::Relaxed), WAITED_MICROS.load(Ordering::Relaxed) as f64 / 1e6)
}

/// sqlx counts nothing itself.
struct DatabaseWaits;

impl<S: Subscriber> Layer<S> for DatabaseWaits {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seconds = Seconds(0.0);
        event.record(&mut seconds);
        WAITED.fetch_add(1, Ordering::Relaxed);
        WAITED_MICROS.fetch_add((seconds.0.max(0.0) * 1e6) as u64, Ordering::Relaxed);
    }
}

struct Seconds(f64);

impl Visit for Seconds {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "acquired_after_secs" {
            self.0 = value;
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Leptos draws parts of a page in tasks of their own, which go on when the reader hangs up and then read signals that
/// went with the request: it panics in its own code, and the task ends as it should have. Were it a request that is still
/// wanted, it would be told as one that panicked (`http::request`).
fn reads_what_is_gone(place: &str) -> bool {
    place.contains("/reactive_graph-") && place.contains("/src/traits.rs:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_the_database_are_counted() {
        let before = database_waits();
        let waits = tracing_subscriber::registry().with(DatabaseWaits.with_filter(filter_fn(|m| m.target() == WAITS)));
        tracing::subscriber::with_default(waits, || {
            tracing::warn!(target: "sqlx::pool::acquire", acquired_after_secs = 0.5, "as sqlx says it");
            tracing::warn!(target: "sqlx::query", acquired_after_secs = 7.0, "something else");
        });
        let after = database_waits();
        assert_eq!((after.0 - before.0, after.1 - before.1), (1, 0.5));
    }

    #[test]
    fn only_leptos_reading_of_signals_is_no_defect() {
        let registry = "/home/builder/.cargo/registry/src/mirror-0123456789abcdef";
        assert!(reads_what_is_gone(&format!("{registry}/reactive_graph-0.2.16/src/traits.rs:328:39")));
        for place in ["app/src/events/place.rs:175:44", "server/tap/src/traits.rs:1:1", ""] {
            assert!(!reads_what_is_gone(place), "{place}");
        }
    }
}
