//! Around every request: its reference, its headers, its line in the log, and a net for panics.

use std::{net::IpAddr, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::FutureExt as _;
use http::StatusCode;
use tracing::{Instrument as _, field::Empty};
use weir_domain::{AppError, ErrorKind};

use super::{
    answer::{self, Reader},
    headers,
    server::Peer,
    site::Site,
    v1,
    visit::Visit,
};
use crate::telemetry::TARGET;

/// Health checks come from machines that know us by address only.
const ANY_HOST: [&str; 2] = ["/healthz", "/readyz"];
/// The longest part of a path that the log takes.
const PATH_IN_LOG: usize = 200;

pub async fn around(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or([0, 0, 0, 0].into(), |peer| peer.0);
    let remote = site.proxies.remote(peer, request.headers());
    let visit = Visit { request_id: random(9), nonce: random(16), remote };
    request.extensions_mut().insert(visit.clone());
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(PATH_IN_LOG).collect();
    let reader = reader(&path);

    let route = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned());
    let trace = trace(&site, peer, &visit, &request, route.as_deref());
    let span = tracing::info_span!("request", id = %visit.request_id);
    let known = ANY_HOST.contains(&path.as_str()) || site.origin.knows_host(request.headers());
    let mut response = if known {
        let answered = AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind().await;
        answered.map(|response| answer::worded(response, reader, &visit, site.css())).unwrap_or_else(|_| {
            tracing::error!(request = %visit.request_id, %method, path, "a request panicked");
            let failed = weir_domain::CaseError::Internal("a panic, see above".into());
            answer::app_error(failed.into(), reader, &visit, site.css())
        })
    } else {
        let stranger = AppError::new(
            ErrorKind::Invalid,
            "Weir is not known by this address.",
            "Use the address it was configured with (public_url).",
        );
        answer::with_status(StatusCode::MISDIRECTED_REQUEST, stranger, reader, &visit, site.css())
    };
    if reader == Reader::Rest {
        response = v1::written(response, &visit);
    }
    headers::put(&mut response, &visit.nonce, site.origin.owns_https());

    trace.record("status", response.status().as_u16());
    site.web.answered(&method, route.as_deref(), response.status(), began.elapsed());
    let remote = visit.remote.address;
    let (status, ms) = (response.status().as_u16(), u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    if response.status().is_server_error() {
        tracing::warn!(request = %visit.request_id, %remote, %method, path, status, ms, "answered");
    } else if path.starts_with("/pkg/") || ANY_HOST.contains(&path.as_str()) {
        tracing::debug!(request = %visit.request_id, %remote, %method, path, status, ms, "answered");
    } else {
        tracing::info!(request = %visit.request_id, %remote, %method, path, status, ms, "answered");
    }
    response
}

/// The span that is exported. Only a proxy that we trust may say which trace it belongs to, and whether it is kept.
fn trace(site: &Site, peer: IpAddr, visit: &Visit, request: &Request, route: Option<&str>) -> tracing::Span {
    let before = request.headers().get("traceparent").filter(|_| site.proxies.is_trusted(peer));
    tracing::info_span!(
        target: TARGET,
        "request",
        request = visit.request_id,
        method = request.method().as_str(),
        route,
        traceparent = before.and_then(|value| value.to_str().ok()),
        status = Empty,
    )
}

fn reader(path: &str) -> Reader {
    if v1::is_ours(path) {
        Reader::Rest
    } else if path.starts_with("/api/") || path == "/live" || ANY_HOST.contains(&path) {
        Reader::Program
    } else {
        Reader::Person
    }
}

/// URL-safe text of so many random bytes.
fn random(bytes: usize) -> String {
    let all: [u8; 16] = rand::random();
    URL_SAFE_NO_PAD.encode(&all[..bytes.min(16)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compose,
        config::{self, Surroundings},
        http::{Bundle, Desk, OriginPolicy, Parts, Proxies, Readiness, Root},
    };
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt as _;

    async fn boom() -> &'static str {
        panic!("what it was about")
    }

    #[tokio::test]
    async fn a_panic_is_told_with_a_reference_and_without_its_text() {
        let text = "database_url = \"postgres://nobody@127.0.0.1:1/none\"";
        let config = config::parse("test", text, &Surroundings::default()).unwrap().config;
        let parts = compose::Parts::new(&config).await.unwrap();
        let site = Site::new(Parts {
            cases: parts.cases,
            database: parts.store,
            readiness: Readiness::default(),
            bundle: Bundle::embedded(&Root::new("")),
            origin: OriginPolicy::new(&config),
            proxies: Proxies::new(&config),
            limits: config.limits,
            streams: Desk::new(1, 1),
            calls: Desk::new(1, 1),
            attempts: crate::http::Attempts::new(1),
            downloads: Default::default(),
            web: crate::metrics::Metrics::new("", 0).web().clone(),
            exports: Default::default(),
            stop: tokio_util::sync::CancellationToken::new(),
        });
        let router = Router::new()
            .route("/page", get(boom))
            .route("/api/call", get(boom))
            .route("/api/v1/call", get(boom))
            .layer(axum::middleware::from_fn_with_state(site, around));
        for (path, kind) in [
            ("/page", "text/html; charset=utf-8"),
            ("/api/call", "application/json"),
            ("/api/v1/call", "application/problem+json"),
        ] {
            let request = http::Request::get(path).header("host", "localhost").body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 500, "{path}");
            assert_eq!(answer.headers()["content-type"], kind);
            assert!(answer.headers().contains_key("content-security-policy"));
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let body = String::from_utf8_lossy(&body).to_lowercase();
            assert!(
                (body.contains("reference") || body.contains("request_id")) && !body.contains("what it was about"),
                "{body}"
            );
        }
    }
}
