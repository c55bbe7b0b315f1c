//! `/metrics` on a listener of its own: whoever reads it needs no session, so it stands where only they come.

use axum::{Router, extract::Request, response::IntoResponse as _};
use http::{HeaderValue, Method, StatusCode, header};
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_store::Store;

use super::{Groups, Metrics};
use crate::http::{Desk, server};

/// Of whoever reads the figures.
const CONNECTIONS: usize = 16;

/// Serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    metrics: Metrics,
    groups: Groups,
    store: Store,
    streams: Desk,
    stop: CancellationToken,
) {
    let page = move |request: Request| {
        let (metrics, groups, store, streams) = (metrics.clone(), groups.clone(), store.clone(), streams.clone());
        async move {
            if request.uri().path() != "/metrics" {
                return (StatusCode::NOT_FOUND, "The figures are at /metrics.\n").into_response();
            }
            if ![Method::GET, Method::HEAD].contains(request.method()) {
                return StatusCode::METHOD_NOT_ALLOWED.into_response();
            }
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))];
            (kind, metrics.page(&store, &streams) + &groups.page().await).into_response()
        }
    };
    server::run(listener, Router::new().fallback(page), CONNECTIONS, stop).await;
}
