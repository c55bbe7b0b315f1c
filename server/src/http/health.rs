//! `/healthz`: the process lives. `/readyz`: it can serve.

use std::time::Duration;

use axum::{Json, extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Serialize;

use super::{
    readiness::{NotReady, Taps},
    site::Site,
};

const AWAY: &str = "the database can't be reached";
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// What stands in the way; empty when ready.
    reasons: Vec<String>,
    taps: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    taps_reason: Option<String>,
    build: String,
}

pub async fn healthz() -> &'static str {
    "ok\n"
}

pub async fn readyz(State(site): State<Site>) -> impl IntoResponse {
    let mut reasons = Vec::new();
    match site.readiness.ready() {
        // Anybody may ask: how it can't be reached is for the log.
        Err(NotReady::Away(_)) => reasons.push(AWAY.to_owned()),
        Err(why) => reasons.push(why.message().to_owned()),
        Ok(()) => match tokio::time::timeout(PATIENCE, site.database.ping()).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                tracing::warn!(%why, "not ready");
                reasons.push(AWAY.to_owned());
            }
            Err(_) => reasons.push(format!("the database did not answer within {} s", PATIENCE.as_secs())),
        },
    }
    let (taps, taps_reason) = match site.readiness.taps() {
        Taps::Undecided => ("undecided", None),
        Taps::On => ("on", None),
        Taps::Off(why) => ("off", Some(why)),
    };
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, reasons, taps, taps_reason, build: site.bundle.build_id.clone() }))
}
