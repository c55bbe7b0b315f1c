//! The map of all routes.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode, header};
use leptos_router::SsrMode;
use tower_http::timeout::TimeoutLayer;
use weir_cases::{
    access, audit, backfill, capture, erasures, events, holds, lag, links, monitors, people, searches,
    sources as source_cases, tokens,
};

use super::{
    address::{self, Root},
    answer::Reader::{Person, Program},
    api, audit_export, bundle, drawing, early, events_export,
    forms::{
        self, account, erasures as erase, invite, monitors as told, people as people_forms, set_up, sign_in, sign_out,
        sources,
    },
    groups_export, health as probes,
    live::{self, live},
    mount::{Gate, Mount, MountError, Mounted},
    pages, payload, request, short_link,
    site::Site,
    v1,
    visit::{Visit, Who},
};

/// Everything that is served, and the list of what was mounted.
///
/// # Errors
/// When a server function or a stream is in no list of use cases.
pub fn router(site: Site) -> Result<(Router, Vec<Mounted>), MountError> {
    let mut mount = of_health(Mount::new(site.clone()))?
        .route(Method::GET, "/pkg/{*file}", Gate::Public("the bundle, the same for everybody"), Program, bundle::file)?
        .route(Method::POST, "/sign-in", Gate::Case(access::log_in::NAME), Person, sign_in::sign_in)?
        .route(Method::POST, "/sign-out", Gate::Case(access::log_out::NAME), Person, sign_out::sign_out)?
        .route(Method::POST, "/setup", Gate::Case(access::set_up::NAME), Person, set_up::set_up)?
        .route(Method::POST, "/invite", Gate::Case(people::accept::NAME), Person, invite::invite)?
        .route(Method::POST, "/account/name", Gate::Case(access::rename::NAME), Person, account::name)?
        .route(Method::POST, "/account/password", Gate::Case(access::password::NAME), Person, account::password)?
        .route(Method::POST, "/account/sessions", Gate::Case(access::end_session::NAME), Person, account::sessions)?
        .route(Method::POST, "/account/ask", Gate::Case(access::ask::NAME), Person, account::ask)?
        .route(Method::POST, "/people/new", Gate::Case(people::invite::NAME), Person, people_forms::invite)?
        .route(Method::POST, "/people/{id}", Gate::Case(people::change::NAME), Person, people_forms::change)?
        .route(
            Method::POST,
            "/people/{id}/deactivate",
            Gate::Case(people::deactivate::NAME),
            Person,
            people_forms::deactivate,
        )?
        .route(
            Method::POST,
            "/people/{id}/reactivate",
            Gate::Case(people::reactivate::NAME),
            Person,
            people_forms::reactivate,
        )?
        .route(Method::POST, "/people/{id}/reset", Gate::Case(people::reset::NAME), Person, people_forms::reset)?
        .route(
            Method::POST,
            "/people/{id}/revoke",
            Gate::Case(people::revoke_invite::NAME),
            Person,
            people_forms::revoke,
        )?
        .route(Method::POST, "/people/answer", Gate::Case(people::answer_request::NAME), Person, people_forms::answer)?
        .route(Method::POST, "/account/tokens", Gate::Case(tokens::create::NAME), Person, forms::tokens::create)?
        .route(Method::POST, "/account/tokens/revoke", Gate::Case(tokens::revoke::NAME), Person, forms::tokens::revoke)?
        .route(Method::POST, "/capture", Gate::Case(capture::set_budget::NAME), Person, forms::capture::budget)?
        .route(Method::POST, "/channels/{id}/capture", Gate::Case(capture::set::NAME), Person, forms::capture::set)?
        .route(Method::POST, "/searches/new", Gate::Case(searches::save::NAME), Person, forms::searches::save)?
        .route(Method::POST, "/searches/rename", Gate::Case(searches::rename::NAME), Person, forms::searches::rename)?
        .route(Method::POST, "/searches/share", Gate::Case(searches::share::NAME), Person, forms::searches::share)?
        .route(Method::POST, "/searches/remove", Gate::Case(searches::remove::NAME), Person, forms::searches::remove)?
        .route(Method::POST, "/links", Gate::Case(links::keep::NAME), Person, forms::links::keep)?
        .route(Method::POST, "/links/templates", Gate::Case(links::add::NAME), Person, forms::links::template)?
        .route(Method::POST, "/links/templates/remove", Gate::Case(links::remove::NAME), Person, forms::links::remove)?
        .route(Method::POST, "/erasures/new", Gate::Case(erasures::ask::NAME), Person, erase::ask)?
        .route(Method::POST, "/erasures/{id}/approve", Gate::Case(erasures::approve::NAME), Person, erase::approve)?
        .route(Method::POST, "/erasures/{id}/decline", Gate::Case(erasures::decline::NAME), Person, erase::decline)?
        .route(Method::POST, "/erasures/{id}/withdraw", Gate::Case(erasures::withdraw::NAME), Person, erase::withdraw)?
        .route(Method::POST, "/holds/new", Gate::Case(holds::place::NAME), Person, erase::place)?
        .route(Method::POST, "/holds/end", Gate::Case(holds::end::NAME), Person, erase::end)?
        .route(
            Method::POST,
            "/alerts/{id}/acknowledge",
            Gate::Case(monitors::acknowledge::NAME),
            Person,
            told::acknowledge,
        )?
        .route(Method::POST, "/alerts/{id}/snooze", Gate::Case(monitors::snooze::NAME), Person, told::snooze)?
        .route(Method::POST, "/alerts/rules/set", Gate::Case(monitors::set_rule::NAME), Person, told::set_rule)?
        .route(
            Method::POST,
            "/alerts/rules/remove",
            Gate::Case(monitors::remove_rule::NAME),
            Person,
            told::remove_rule,
        )?
        .route(Method::POST, "/alerts/maintenance", Gate::Case(monitors::maintenance::NAME), Person, told::maintenance)?
        .route(
            Method::POST,
            "/alerts/maintenance/end",
            Gate::Case(monitors::maintenance::END),
            Person,
            told::end_maintenance,
        )?
        .route(Method::POST, "/alerts/outlets/new", Gate::Case(monitors::add_outlet::NAME), Person, told::add_outlet)?
        .route(
            Method::POST,
            "/alerts/outlets/{id}",
            Gate::Case(monitors::edit_outlet::NAME),
            Person,
            told::edit_outlet,
        )?
        .route(
            Method::POST,
            "/alerts/outlets/remove",
            Gate::Case(monitors::remove_outlet::NAME),
            Person,
            told::remove_outlet,
        )?
        .route(
            Method::POST,
            "/alerts/outlets/test",
            Gate::Case(monitors::test_outlet::NAME),
            Person,
            told::test_outlet,
        )?
        .route(
            Method::POST,
            "/alerts/outlets/heartbeat",
            Gate::Case(monitors::set_heartbeat::NAME),
            Person,
            told::heartbeat,
        )?
        .route(Method::POST, "/sources/new", Gate::Case(source_cases::add::NAME), Person, sources::add)?
        .route(Method::POST, "/sources/examine", Gate::Case(source_cases::examine::NAME), Person, sources::examine)?
        .route(Method::POST, "/sources/preview", Gate::Case(source_cases::preview::NAME), Person, sources::preview)?
        .route(Method::POST, "/sources/{id}/edit", Gate::Case(source_cases::edit::NAME), Person, sources::edit)?
        .route(
            Method::POST,
            "/sources/{id}/examine",
            Gate::Case(source_cases::examine::NAME),
            Person,
            sources::examine_own,
        )?
        .route(Method::POST, "/sources/{id}/policy", Gate::Case(source_cases::policy::NAME), Person, sources::policy)?
        .route(
            Method::POST,
            "/sources/{id}/preview",
            Gate::Case(source_cases::preview::NAME),
            Person,
            sources::preview_own,
        )?
        .route(Method::POST, "/sources/{id}/remove", Gate::Case(source_cases::remove::NAME), Person, sources::remove)?
        .route(
            Method::POST,
            "/sources/{id}/backfill",
            Gate::Case(backfill::start::NAME),
            Person,
            forms::backfill::start,
        )?
        .route(
            Method::POST,
            "/sources/{id}/backfill/pause",
            Gate::Case(backfill::hold::PAUSE),
            Person,
            forms::backfill::pause,
        )?
        .route(
            Method::POST,
            "/sources/{id}/backfill/stop",
            Gate::Case(backfill::hold::STOP),
            Person,
            forms::backfill::stop,
        )?
        .route(
            Method::POST,
            "/channels/{id}/content",
            Gate::Case(backfill::content::FILL),
            Person,
            forms::content::fill,
        )?
        .route(
            Method::POST,
            "/channels/{id}/content/pause",
            Gate::Case(backfill::content::PAUSE),
            Person,
            forms::content::pause,
        )?
        .route(
            Method::POST,
            "/channels/{id}/content/stop",
            Gate::Case(backfill::content::STOP),
            Person,
            forms::content::stop,
        )?
        .route(Method::POST, "/lag/{id}/settings", Gate::Case(lag::settings::NAME), Person, forms::lag::settings)?
        .route(Method::POST, "/lag/{id}/archive", Gate::Case(lag::archive::NAME), Person, forms::lag::archive)?
        .route(Method::POST, "/lag/{id}/reset", Gate::Case(lag::reset::NAME), Person, forms::lag::reset)?
        .route(Method::POST, "/lag/{id}/undo", Gate::Case(lag::reset::UNDO), Person, forms::lag::undo)?
        .route(Method::POST, "/lag/{id}/delete", Gate::Case(lag::delete::NAME), Person, forms::lag::delete)?
        .route(Method::POST, "/keys", Gate::Case(events::keys::NAME), Person, forms::keys::look)?
        .route(Method::GET, "/events/{id}/payload", Gate::Case(events::payload::NAME), Person, payload::download)?
        .route(Method::GET, "/events/export", Gate::Case(events::export::NAME), Person, events_export::export)?
        .route(Method::GET, "/lag/export", Gate::Case(lag::export::NAME), Person, groups_export::export)?
        .route(Method::GET, "/audit/export", Gate::Case(audit::export::NAME), Person, audit_export::export)?
        .route(Method::GET, "/live", Gate::Streams(live::USE_CASES), Program, live)?;
    let describes = Gate::Public("describes the interface, the same for everybody");
    mount = v1::mount(mount)?.route(Method::GET, "/api/openapi.json", describes, Program, openapi)?;
    for path in ["/api/v1", "/api/v1/", "/api/v1/{*rest}"] {
        mount = mount.nowhere(path, "leads nowhere, and says so to programs", v1::nothing);
    }
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let name = path.strip_prefix("/api/").unwrap_or(path);
        mount = mount.route(method, path, Gate::Case(name), Program, api::call)?;
    }
    for method in [Method::GET, Method::POST] {
        let gate = Gate::Public("says that nothing is there");
        mount = mount.route(method, "/api/{*nothing}", gate, Program, api::nothing)?;
    }
    drawing::prepare();
    let listed = leptos_axum::generate_route_list(weir_app::document);
    let live = listed.iter().map(|listing| (listing.path(), listing.mode().clone()));
    let drawn = weir_app::drawn::PATHS.iter().map(|(path, cases)| ((*path, SsrMode::Async), Gate::Drawn(cases)));
    let gates = weir_app::access::GATE_PATHS.iter().map(|path| (*path, SsrMode::Async));
    let needed = Gate::Public("needed before one is signed in");
    let pages = live.map(|page| (page, Gate::Page)).chain(drawn).chain(gates.map(|page| (page, needed)));
    for ((path, mode), gate) in pages {
        if path == weir_app::drawn::SHORT_LINK {
            mount = mount.route(Method::GET, path, gate, Person, short_link::follow)?;
            continue;
        }
        let page = move |site: State<Site>, visit: Extension<Visit>, who: Option<Extension<Who>>, request: Request| {
            pages::draw(mode.clone(), site, visit, who, request)
        };
        mount = mount.route(Method::GET, path, gate, Person, page)?;
    }
    bounded(mount, site)
}

/// What a process without a console answers.
///
/// # Errors
/// As [`router`].
pub fn health(site: Site) -> Result<(Router, Vec<Mounted>), MountError> {
    bounded(of_health(Mount::new(site.clone()))?, site)
}

fn of_health(mount: Mount) -> Result<Mount, MountError> {
    mount.route(Method::GET, "/healthz", Gate::Public("says that the process lives"), Program, probes::healthz)?.route(
        Method::GET,
        "/readyz",
        Gate::Public("says whether it can serve"),
        Program,
        probes::readyz,
    )
}

fn bounded(mount: Mount, site: Site) -> Result<(Router, Vec<Mounted>), MountError> {
    let (router, mounted) = mount.finish();
    let root = Root::new(site.origin.root());
    if let Some(route) = mounted.iter().find(|route| root.clashes(&route.path)) {
        let (root, path) = (root.as_str(), &route.path);
        return Err(MountError(format!(
            "public_url ends with {root}, which begins like {path}, a path of Weir's own: serve Weir under another name"
        )));
    }
    // A stream's answer begins at once and goes on: the limit is on beginning.
    let patience = Duration::from_secs(site.limits.request_seconds);
    let router = router
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, patience))
        .layer(middleware::from_fn(early::take_the_rest))
        .layer(middleware::from_fn_with_state(site.clone(), request::around))
        .with_state(site);
    if root.is_top() {
        return Ok((router, mounted));
    }
    // Around the whole router: what comes in must be put inside before a route is chosen.
    let bordered = Router::new().fallback_service(router);
    Ok((bordered.layer(middleware::from_fn_with_state(root, address::border)), mounted))
}

/// `GET /api/openapi.json`
async fn openapi(State(site): State<Site>) -> Response {
    match v1::openapi_text(site.origin.root()) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the description of the interface can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
