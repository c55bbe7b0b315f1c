//! Structured logs on the standard error: text on a terminal, JSON otherwise or as `WEIR_LOG_FORMAT` says.
//! They hold no payload, no query string and no secret.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Leptos and sqlx tell much that is of no use here, and may quote what must not be logged.
const QUIET: &str = "info,sqlx=warn,leptos=error,leptos_dom=error,reactive_graph=error,any_spawner=error,hyper=warn";

/// Begins logging. `WEIR_LOG` is a filter such as `info,weir_tap=debug`; `WEIR_LOG_FORMAT` is `text` or `json`.
pub fn begin() {
    let filter = match std::env::var("WEIR_LOG") {
        Ok(text) => EnvFilter::builder().parse_lossy(format!("{QUIET},{text}")),
        Err(_) => EnvFilter::new(QUIET),
    };
    let text = match std::env::var("WEIR_LOG_FORMAT").as_deref() {
        Ok("text") => true,
        Ok("json") => false,
        _ => stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    // A second call (tests) keeps the first.
    let _ = if text {
        registry.with(fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).with_target(false)).try_init()
    } else {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(stderr)).try_init()
    };
    // The default hook prints the panic's text, which may quote data.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a task panicked: this is a defect");
    }));
}
