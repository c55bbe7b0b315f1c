use super::{me::Me, user_menu::UserMenu};
use crate::{
    address,
    env::use_env,
    ui::{Icon, varying},
};
use leptos::prelude::*;
use weir_domain::{access::Permission, catalog};

/// Pages by slice; a slice joins when its pages exist.
const PAGES: &[(&str, &str, &str)] = &[
    ("Overview", "/", "overview"),
    ("Events", "/events", "events"),
    ("Lag", "/lag", "lag"),
    ("Alerts", "/alerts", "bell"),
    ("Sources", "/sources", "plug"),
    ("Capture", "/capture", "box"),
];

/// Pages for who holds a permission.
const GUARDED: &[(&str, &str, &str, Permission)] =
    &[(PEOPLE, "/people", "people", Permission::PeopleEdit), ("Audit", "/audit", "audit", Permission::AuditSee)];
const PEOPLE: &str = "People";

#[component]
pub(super) fn Rail(me: Me) -> impl IntoView {
    let env = use_env();
    view! {
        <nav class="rail" aria-label="Main">
            <a class="rail__brand" href=varying(move || env.link("/")) title="Weir">
                <Mark />
                <span>"Weir"</span>
            </a>
            {PAGES.iter().map(|(label, path, icon)| rail_link(label, path, icon, 0)).collect::<Vec<_>>()}
            {me.show(guarded)} <div class="rail__foot">
                {rail_link("Help", "/help", "help", 0)}
                <UserMenu me />
            </div>
        </nav>
    }
    .into_any()
}

fn guarded(me: catalog::Me) -> AnyView {
    let may = |wanted: &Permission| me.permissions.iter().any(|p| p == wanted.as_str());
    let links = GUARDED.iter().filter(|(.., permission)| may(permission));
    let waiting = |label: &str| if label == PEOPLE { me.requests } else { 0 };
    links.map(|(label, path, icon, _)| rail_link(label, path, icon, waiting(label))).collect::<Vec<_>>().into_any()
}

/// `waiting`: how many wait there for an answer.
fn rail_link(label: &'static str, path: &'static str, icon: &'static str, waiting: u32) -> AnyView {
    let env = use_env();
    let here = address::here();
    let current = move || here.with(|at| is_at(at, path)).then_some("page");
    view! {
        <a class="rail__link" href=varying(move || env.link(path)) title=label aria-current=varying(current)>
            <Icon name=icon />
            <span>{label}</span>
            <b class="rail__count" hidden=waiting == 0>
                {waiting.to_string()}
            </b>
        </a>
    }
    .into_any()
}

/// Is `at` the page `path` or one below it? Pages without an entry of their own belong to the one that leads to them.
fn is_at(at: &str, path: &str) -> bool {
    let beside = match path {
        "/sources" => at.starts_with("/channels/"),
        "/capture" => at.starts_with("/holds") || at.starts_with("/erasures"),
        _ => false,
    };
    beside || at == path || (path != "/" && at.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Two V-notches, the upstream level higher than the downstream.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <span class="mark">
            <Icon name="mark" />
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_current_with_all_below_it() {
        assert!(is_at("/events", "/events") && is_at("/events/1-2", "/events"));
        assert!(!is_at("/eventsx", "/events") && !is_at("/events", "/"));
        assert!(is_at("/", "/"));
        assert!(is_at("/channels/3", "/sources") && !is_at("/channels/3", "/capture"));
        assert!(is_at("/holds", "/capture") && is_at("/erasures/new", "/capture"));
    }
}
