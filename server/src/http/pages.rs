//! The console's pages, drawn on the server by Leptos.

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use leptos::{nonce::Nonce, prelude::provide_context};
use leptos_router::SsrMode;
use weir_app::{Assets, RequestContext, drawn::Echo};

use super::{
    drawing, gate,
    site::Site,
    v1,
    visit::{Visit, Who},
};

/// The context of every page and server function.
pub fn context(
    site: &Site,
    visit: &Visit,
    who: &Who,
    headers: &HeaderMap,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let nonce = Nonce::from_value(visit.nonce.clone());
    let context = RequestContext {
        caller: who.caller.clone(),
        cases: site.cases.clone(),
        nonce: visit.nonce.clone(),
        build_id: site.bundle.build_id.clone(),
        assets: site.bundle.assets.clone().unwrap_or_else(no_assets),
        request_id: visit.request_id.clone(),
        interface: v1::interface(),
        root: site.origin.root().to_owned(),
        base: site.origin.base(headers),
    };
    move || {
        // Over the one that Leptos made: it must be the one in the answer's policy.
        provide_context(nonce.clone());
        provide_context(context.clone());
    }
}

fn no_assets() -> Assets {
    Assets { css: String::new(), js: String::new(), wasm: String::new(), fonts: Vec::new() }
}

/// Draws a page in the mode its route asks for.
pub async fn draw(
    mode: SsrMode,
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Who>>,
    request: Request,
) -> Response {
    let who = match who {
        Some(Extension(who)) => who,
        None => gate::whoever(&site, &visit, request.headers()).await,
    };
    draw_answer(mode, &site, &visit, &who, Echo::default(), request).await
}

/// Draws a page that answers a form (`echo`).
pub async fn draw_answer(
    mode: SsrMode,
    site: &Site,
    visit: &Visit,
    who: &Who,
    echo: Echo,
    request: Request,
) -> Response {
    let shared = context(site, visit, who, request.headers());
    let context = move || {
        shared();
        provide_context(echo.clone());
    };
    // Nobody reads the body: what a form sent is in `echo`.
    let (head, _) = request.into_parts();
    drawing::on_one_thread(move || async move {
        let request = Request::from_parts(head, Body::empty());
        match mode {
            SsrMode::Async => {
                leptos_axum::render_app_async_with_context(context, weir_app::document)(request).await.into_response()
            }
            SsrMode::InOrder => {
                leptos_axum::render_app_to_stream_in_order_with_context(context, weir_app::document)(request)
                    .await
                    .into_response()
            }
            SsrMode::OutOfOrder | SsrMode::PartiallyBlocked => {
                leptos_axum::render_app_to_stream_with_context(context, weir_app::document)(request)
                    .await
                    .into_response()
            }
            SsrMode::Static(_) => StatusCode::NOT_FOUND.into_response(),
        }
    })
    .await
}
