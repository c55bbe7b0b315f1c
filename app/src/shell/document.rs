use crate::{App, RequestContext, access::GATE_PATHS, ui::Sprite};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// Sets the theme before the first paint, so that nothing flashes.
const EARLY: &str = include_str!("../../js/early.js");
/// Calls of the bundle, which say what build the page is of.
const CALLS: &str = include_str!("../../js/calls.js");
/// Live data: one event stream per browser, shared by its tabs.
const LIVE: &str = include_str!("../../js/live.js");
/// Buttons of the pages that the server draws.
const DRAWN: &str = include_str!("../../js/drawn.js");
/// Parts of pages that the server draws.
const PARTS: &str = include_str!("../../js/parts.js");
/// Names that are offered while an expression is written.
const EXPRESSIONS: &str = include_str!("../../js/expressions.js");
/// The rows of a search's results.
const FOUND_ROWS: &str = include_str!("../../js/found-rows.js");
/// The results of a search as they come in.
const FOUND: &str = include_str!("../../js/found.js");
/// What people do with them.
const FOUND_ACTS: &str = include_str!("../../js/found-acts.js");

/// Pages of lag.
const LAG: &str = include_str!("../../js/lag.js");

/// The HTML document around the console; the server renders it for every page.
pub fn document() -> impl IntoView {
    // A server built without the bundle still serves plain pages.
    let (assets, build, root, person) = use_context::<RequestContext>()
        .map(|c| {
            let person = c.caller.map(|caller| caller.person.0);
            (Some(c.assets).filter(|a| !a.js.is_empty()), c.build_id, c.root, person)
        })
        .unwrap_or_default();
    let nonce = move || use_nonce();
    let path = use_context::<axum::http::request::Parts>().map(|p| p.uri.path().to_owned()).unwrap_or_default();
    let alive = !GATE_PATHS.contains(&path.as_str());
    let bundle = assets.clone().filter(|_| alive).map(|a| {
        let start = format!(
            "import start,{{hydrate}} from {};await start({{module_or_path:{}}});hydrate();",
            js_text(&a.js),
            js_text(&a.wasm),
        );
        view! {
            <link rel="modulepreload" href=a.js nonce=nonce() />
            <link rel="preload" href=a.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" nonce=nonce() inner_html=CALLS></script>
            <script type="module" nonce=nonce() inner_html=LIVE></script>
            <script type="module" nonce=nonce() inner_html=DRAWN></script>
            <script type="module" nonce=nonce() inner_html=PARTS></script>
            <script type="module" nonce=nonce() inner_html=EXPRESSIONS></script>
            <script type="module" nonce=nonce() inner_html=FOUND_ROWS></script>
            <script type="module" nonce=nonce() inner_html=FOUND></script>
            <script type="module" nonce=nonce() inner_html=FOUND_ACTS></script>
            <script type="module" nonce=nonce() inner_html=LAG></script>
            <script type="module" nonce=nonce() inner_html=start></script>
        }
    });
    let styles = assets.map(|a| {
        let fonts = a
            .fonts
            .into_iter()
            .map(|font| {
                view! { <link rel="preload" href=font r#as="font" r#type="font/woff2" crossorigin="anonymous" /> }
            })
            .collect_view();
        view! {
            <link rel="stylesheet" href=a.css />
            {fonts}
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="weir-build" content=build />
                <meta name="weir-root" content=root />
                <meta name="weir-person" content=person />
                <link rel="icon" href=MARK />
                <script nonce=nonce() inner_html=EARLY></script>
                {styles}
                {bundle}
                <MetaTags />
            </head>
            <body>
                <App />
                <Sprite />
                // Beside the console: it must show whatever the bundle can still do.
                <div id="weir-updated" class="updated" role="alert" hidden>
                    <b class="strong">"Weir was updated while this page was open."</b>
                    <span>"Reload to go on; finish first what you are typing."</span>
                    <button type="button" class="btn btn--sm">
                        "Reload"
                    </button>
                </div>
            </body>
        </html>
    }
}

/// The two notches, as the page's icon.
const MARK: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' height='24' rx='5' fill='%230b2a31'/%3E%3Cpath d='M2.500 7h10L7.500 18z' fill='%237adfe0'/%3E%3Cpath d='M11.800 10.500h9.700L16.700 18z' fill='%232fa4ac'/%3E%3C/svg%3E";

/// A text as a JavaScript literal that may stand inside a `<script>` element.
fn js_text(s: &str) -> String {
    serde_json::to_string(s).unwrap_or_default().replace('<', "\\u003c")
}
