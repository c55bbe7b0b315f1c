//! The map of all routes.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::{Request, State},
    middleware,
};
use http::{Method, StatusCode};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};
use weir_cases::{access, events};

use super::{
    answer::Reader::{Person, Program},
    api, bundle,
    forms::{set_up, sign_in, sign_out},
    health,
    live::{self, live},
    mount::{Gate, Mount, MountError, Mounted},
    pages, payload, request,
    site::Site,
    visit::{Visit, Who},
};

/// Pages that are drawn for nobody in particular.
const PUBLIC_PAGES: [&str; 2] = ["/sign-in", "/setup"];

/// Everything that is served, and the list of what was mounted.
///
/// # Errors
/// When a server function or a stream is in no list of use cases.
pub fn router(site: Site) -> Result<(Router, Vec<Mounted>), MountError> {
    let mut mount = Mount::new(site.clone())
        .route(Method::GET, "/healthz", Gate::Public("says that the process lives"), Program, health::healthz)?
        .route(Method::GET, "/readyz", Gate::Public("says whether it can serve"), Program, health::readyz)?
        .route(Method::GET, "/pkg/{*file}", Gate::Public("the bundle, the same for everybody"), Program, bundle::file)?
        .route(Method::POST, "/sign-in", Gate::Case(access::log_in::NAME), Person, sign_in::sign_in)?
        .route(Method::POST, "/sign-out", Gate::Case(access::log_out::NAME), Person, sign_out::sign_out)?
        .route(Method::POST, "/setup", Gate::Case(access::set_up::NAME), Person, set_up::set_up)?
        .route(Method::GET, "/events/{id}/payload", Gate::Case(events::payload::NAME), Person, payload::download)?
        .route(Method::GET, "/live", Gate::Streams(live::USE_CASES), Program, live)?;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let name = path.strip_prefix("/api/").unwrap_or(path);
        mount = mount.route(method, path, Gate::Case(name), Program, api::call)?;
    }
    for listing in leptos_axum::generate_route_list(weir_app::document) {
        let public = PUBLIC_PAGES.contains(&listing.path());
        let gate = if public { Gate::Public("needed before one is signed in") } else { Gate::Page };
        let mode = listing.mode().clone();
        let page = move |site: State<Site>, visit: Extension<Visit>, who: Option<Extension<Who>>, request: Request| {
            pages::draw(mode.clone(), site, visit, who, request)
        };
        mount = mount.route(Method::GET, listing.path(), gate, Person, page)?;
    }
    let (router, mounted) = mount.finish();
    // A stream's answer begins at once and goes on: the limit is on beginning.
    let patience = Duration::from_secs(site.limits.request_seconds);
    let router = router
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, patience))
        .layer(RequestBodyLimitLayer::new(site.limits.body_bytes))
        .layer(middleware::from_fn_with_state(site.clone(), request::around))
        .with_state(site);
    Ok((router, mounted))
}
