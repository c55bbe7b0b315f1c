use super::{address::Address, page::DrawnPage};
use crate::{
    Failure, access::account, around, at_broker, audit, breakdown, capture, changes, channel, compare, erasures, help,
    holds, interface, key_list, lag, links, monitors, people, rollout, searches, sources::form, table, tokens,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};

/// Addresses of the pages that the server draws, as the router writes them, each with the use cases that it calls. A
/// form's own address shows the page that holds the form: what is sent there and can't be done is answered with it.
pub const PATHS: &[(&str, &[&str])] = &[
    ("/around/{id}", &["events/around"]),
    ("/at-broker/{id}", &["events/live"]),
    ("/breakdown", &["events/breakdown"]),
    ("/capture", &["capture/list", "capture/budget"]),
    ("/changes", &["changes/list"]),
    ("/columns", &["events/table"]),
    ("/channels/{id}", &["catalog/channel"]),
    ("/channels/{id}/at-broker", &["events/from_broker"]),
    ("/channels/{id}/capture", &["capture/detail"]),
    ("/channels/{id}/content", CONTENT),
    ("/channels/{id}/content/pause", CONTENT),
    ("/channels/{id}/content/stop", CONTENT),
    ("/compare", &["events/detail"]),
    ("/events/{id}/missing", &["events/missing"]),
    ("/event-links/{id}", &["events/links"]),
    ("/expressions", &[]),
    ("/gone/{id}", &["events/gone"]),
    ("/help", &[]),
    ("/lag", &["lag/groups", "events/detail"]),
    ("/lag/{id}", GROUP),
    ("/lag/{id}/archive", GROUP),
    ("/lag/{id}/delete", RESET),
    ("/lag/{id}/hot-key/{channel}", &["lag/hot_key"]),
    ("/lag/{id}/reset", RESET),
    ("/lag/{id}/settings", GROUP),
    ("/lag/{id}/undo", GROUP),
    ("/links", &[]),
    ("/links/{id}", &["links/open", "events/breakdown"]),
    ("/links/templates", TEMPLATES),
    ("/links/templates/remove", TEMPLATES),
    (SHORT_LINK, &["links/open"]),
    ("/offsets", &[]),
    ("/keys", &[]),
    ("/audit", &["audit/list"]),
    ("/audit/{id}", &["audit/detail"]),
    ("/erasures", &["erasures/list"]),
    ("/erasures/new", &[]),
    ("/erasures/{id}", ERASURE),
    ("/erasures/{id}/approve", ERASURE),
    ("/erasures/{id}/decline", ERASURE),
    ("/erasures/{id}/withdraw", ERASURE),
    ("/holds", &["holds/list"]),
    ("/holds/end", &["holds/list"]),
    ("/holds/new", &[]),
    ("/alerts", &["monitors/alerts"]),
    ("/alerts/{id}", ALERT),
    ("/alerts/{id}/acknowledge", ALERT),
    ("/alerts/{id}/snooze", ALERT),
    ("/alerts/maintenance", RULES),
    ("/alerts/maintenance/end", RULES),
    ("/alerts/rules", RULES),
    ("/alerts/rules/remove", RULES),
    ("/alerts/rules/set", RULES),
    ("/alerts/outlets", OUTLETS),
    ("/alerts/outlets/heartbeat", OUTLETS),
    ("/alerts/outlets/new", &[]),
    ("/alerts/outlets/remove", OUTLETS),
    ("/alerts/outlets/test", OUTLETS),
    ("/alerts/outlets/{id}", OUTLETS),
    ("/searches", KEPT),
    ("/searches/new", &[]),
    ("/searches/remove", KEPT),
    ("/searches/rename", KEPT),
    ("/searches/share", KEPT),
    ("/table", &["events/table"]),
    ("/rollout", &["sources/list"]),
    ("/api", &[]),
    ("/account", OWN),
    ("/account/ask", OWN),
    ("/account/name", OWN),
    ("/account/password", OWN),
    ("/account/sessions", OWN),
    ("/account/tokens", &["tokens/list"]),
    ("/account/tokens/revoke", &["tokens/list"]),
    ("/people", EVERYBODY),
    ("/people/answer", EVERYBODY),
    ("/people/new", EVERYBODY),
    ("/people/{id}", EVERYBODY),
    ("/people/{id}/deactivate", EVERYBODY),
    ("/people/{id}/reactivate", EVERYBODY),
    ("/people/{id}/reset", EVERYBODY),
    ("/people/{id}/revoke", EVERYBODY),
    ("/sources/new", ANY),
    ("/sources/examine", ANY),
    ("/sources/preview", ANY),
    ("/sources/{id}/backfill", FILLED),
    ("/sources/{id}/backfill/pause", FILLED),
    ("/sources/{id}/backfill/stop", FILLED),
    ("/sources/{id}/verified", &["verify/list"]),
    ("/sources/{id}/capture", &["capture/list"]),
    ("/sources/{id}/edit", ONE),
    ("/sources/{id}/examine", ONE),
    ("/sources/{id}/policy", ONE),
    ("/sources/{id}/preview", ONE),
    ("/sources/{id}/remove", ONE),
];

/// A short link: from elsewhere the server leads on to what it stands for.
pub const SHORT_LINK: &str = "/s/{id}";

const RESET: &[&str] = &["lag/group", "lag/plan", "events/detail"];
const GROUP: &[&str] = &["lag/group", "lag/history"];
const TEMPLATES: &[&str] = &["links/templates"];
const CONTENT: &[&str] = &["backfill/content"];
const FILLED: &[&str] = &["backfill/list"];
const OWN: &[&str] = &["access/account", "access/sessions"];
const ALERT: &[&str] = &["monitors/alert"];
const RULES: &[&str] = &["monitors/list"];
const OUTLETS: &[&str] = &["monitors/outlets"];
const ERASURE: &[&str] = &["erasures/detail"];
const KEPT: &[&str] = &["searches/list"];
const EVERYBODY: &[&str] = &["people/list", "people/detail", "people/requests"];
const ANY: &[&str] = &["access/me"];
const ONE: &[&str] = &["access/me", "sources/settings"];

/// The path of the page that is being drawn.
#[derive(Debug, Clone)]
pub struct DrawnAt(pub String);

/// A page as text. `address` is its path with its query. What it shows, its own use cases decide.
#[server(name = DrawnPageAt, prefix = "/api", endpoint = "access/page", input = GetUrl)]
pub async fn drawn(address: String) -> Result<DrawnPage, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.access.page(&cx.caller()?).await)?;
    let query = address.split_once('?').map_or("", |(_, query)| query).to_owned();
    let address = Address::parse(&address);
    // From here on what fails is a part of the page.
    provide_context(DrawnAt(address.path.clone()));
    Ok(match address.parts().as_slice() {
        ["around", id] => around::around(&cx, id, &address).await,
        ["at-broker", id] => at_broker::event(&cx, id, &address).await,
        ["breakdown"] => breakdown::breakdown(&cx, &query).await,
        ["event-links", id] => links::of_event(&cx, id, &address).await,
        ["gone", id] => links::gone(&cx, id, &address).await,
        ["lag"] => lag::list(&cx, &address).await,
        ["lag", id] | ["lag", id, "archive" | "settings" | "undo"] => lag::group(&cx, id, &address).await,
        ["lag", id, "hot-key", channel] => lag::hot_key(&cx, id, channel, &address).await,
        ["lag", id, "reset" | "delete"] => lag::reset(&cx, id, &address).await,
        ["links"] => links::links(),
        ["links", "templates"] | ["links", "templates", "remove"] => links::templates(&cx, &address).await,
        ["links", id] => links::link(&cx, id).await,
        ["s", id] => links::followed(&cx, id).await,
        ["capture"] => capture::list(&cx, &address).await,
        ["channels", id] => channel::channel(&cx, id, &address).await,
        ["channels", id, "content"] | ["channels", id, "content", "pause" | "stop"] => {
            at_broker::content(&cx, id, &address).await
        }
        ["channels", id, "at-broker"] => at_broker::search(&cx, id, &address).await,
        ["channels", id, "capture"] => capture::detail(&cx, id, &address).await,
        ["events", id, "missing"] => capture::missing(&cx, id).await,
        ["sources", id, "capture"] => capture::of_source(&cx, id, &address).await,
        ["changes"] => changes::changes(&cx, &address).await,
        ["columns"] => table::chooser(&cx, &query).await,
        ["offsets"] => table::offsets(&cx, &query),
        ["table"] => table::table(&cx, &query).await,
        ["compare"] => compare::compare(&cx, &address).await,
        ["expressions"] => page("Names in expressions", help::expressions),
        ["help"] => page("Help", help::help),
        ["keys"] => key_list::page(&cx, &address).await,
        ["searches"] | ["searches", "remove" | "rename" | "share"] => searches::page(&cx, &address).await,
        ["erasures"] => erasures::list(&cx, &address).await,
        ["erasures", "new"] => erasures::new(),
        ["erasures", id] | ["erasures", id, "approve" | "decline" | "withdraw"] => {
            erasures::detail(&cx, id, &address).await
        }
        ["alerts"] => monitors::list(&cx, &address).await,
        ["alerts", "rules"] | ["alerts", "rules", "set" | "remove"] => monitors::rules(&cx, &address).await,
        ["alerts", "maintenance"] | ["alerts", "maintenance", "end"] => monitors::maintenance(&cx, &address).await,
        ["alerts", "outlets"] | ["alerts", "outlets", "heartbeat" | "remove" | "test"] => {
            monitors::outlets(&cx, &address).await
        }
        ["alerts", "outlets", "new"] => monitors::new(),
        ["alerts", "outlets", id] => monitors::edit(&cx, id, &address).await,
        ["alerts", id] | ["alerts", id, "acknowledge" | "snooze"] => monitors::detail(&cx, id, &address).await,
        ["holds"] | ["holds", "end"] => holds::page(&cx, &address).await,
        ["holds", "new"] => holds::new(),
        ["searches", "new"] => searches::new(&cx, &query),
        ["rollout"] => rollout::rollout(&cx, &address).await,
        ["account", "ask"] => account::ask(&address).await,
        ["account"] | ["account", "name" | "password" | "sessions"] => account::account(&address).await,
        ["people"] | ["people", "answer"] => people::people(&address).await,
        ["people", "new"] => people::invite().await,
        ["people", id] | ["people", id, "deactivate" | "reactivate" | "reset" | "revoke"] => {
            people::person(id, &address).await
        }
        ["api"] => page("By program", || interface::by_program(&cx.interface)),
        ["account", "tokens", ..] => tokens::tokens(&cx, &address).await,
        ["audit"] => {
            let loaded = audit::load_list(&cx, &query).await;
            page("Audit", || audit::list(loaded))
        }
        ["audit", id] => {
            let loaded = audit::load_entry(&cx, id).await;
            page("Audit entry", || audit::entry(loaded))
        }
        ["sources", "new" | "examine" | "preview"] => form::new().await,
        ["sources", id, "backfill"] | ["sources", id, "backfill", "pause" | "stop"] => {
            at_broker::backfill(&cx, id, &address).await
        }
        ["sources", id, "verified"] => at_broker::verified(&cx, id, &address).await,
        ["sources", id, "edit" | "examine"] => form::edit(id, &address).await,
        ["sources", id, "policy" | "preview"] => form::policy(id, &address).await,
        ["sources", id, "remove"] => form::remove(id).await,
        _ => page("Not found", help::not_found),
    })
}

/// Draws a view without leaving anything behind.
pub fn page(title: &str, view: impl FnOnce() -> AnyView) -> DrawnPage {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    DrawnPage { title: title.to_owned(), html }
}
