use super::{
    alerts::AlertsHelp, audit::AuditHelp, connect::Connect, erasure::ErasureHelp, export::Export, guarantee::Guarantee,
    lag::LagHelp, query::QueryReference, roles::Roles, search::Search,
};
use crate::{
    overview::FIGURES,
    shell::{key_row, page_key_rows},
};
use leptos::prelude::*;

/// Keys that pages of the console bind; the list that `?` opens shows those of the page in view.
const KEYS: &[(&str, &str)] = &[
    ("?", "List the keys of this page"),
    ("/", "Events: go to the query bar"),
    ("f", "Events: only those of the row's key"),
    ("t", "Events: choose the time range"),
    ("j", "Events: next row"),
    ("k", "Events: previous row"),
    ("↵", "Events: open the row"),
    ("esc", "Close what is open"),
    ("l", "Events: live tail on or off"),
    ("space", "Events: hold the live tail"),
    ("c", "Events: copy the key"),
    ("u", "UTC or local time"),
    ("z", "Undo what has just been done"),
];

pub(crate) fn help() -> AnyView {
    view! {
        <div class="page page--text">
            <div class="page__head">
                <h1 class="page__title">"Help"</h1>
            </div>
            <p class="soft">
                "What programs may ask, and how: "
                <a href="/api">"By program"</a>
                ". Their access: "
                <a href="/account/tokens">"Access tokens"</a>
                "."
            </p>
            <section class="panel" aria-labelledby="figures">
                <div class="panel__head">
                    <h2 class="panel__title" id="figures">
                        "What the figures mean"
                    </h2>
                    <span class="panel__note">"an unknown figure is –, never 0"</span>
                </div>
                <dl class="panel__body meanings">
                    {FIGURES
                        .iter()
                        .map(|f| {
                            view! {
                                <dt id=f.id>{f.label}</dt>
                                <dd>{f.how}</dd>
                            }
                        })
                        .collect_view()}
                </dl>
            </section>
            <QueryReference />
            <Search />
            <Export />
            <Guarantee />
            <LagHelp />
            <Connect />
            <AlertsHelp />
            <Roles />
            <AuditHelp />
            <ErasureHelp />
            <section class="panel" aria-labelledby="keyboard">
                <div class="panel__head">
                    <h2 class="panel__title" id="keyboard">
                        "Keyboard"
                    </h2>
                    <span class="panel__note">
                        "single keys do nothing while you type, and can be turned off in your menu"
                    </span>
                </div>
                <dl class="panel__body keys">
                    {page_key_rows()}
                    {KEYS.iter().map(|(key, does)| key_row(key, does)).collect::<Vec<_>>()}
                </dl>
            </section>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_that_pages_lead_to_is_there() {
        let html = Owner::new().with(|| help().to_html());
        for id in ["query", "events", "export", "lag", "connect", "figures", "keyboard"] {
            assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn every_key_of_the_events_page_is_told() {
        for key in ["?", "/", "j", "k", "f", "t", "c", "l", "u", "z"] {
            assert!(KEYS.iter().any(|(k, _)| *k == key), "{key}");
        }
    }
}
