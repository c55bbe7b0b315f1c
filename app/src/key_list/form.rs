use super::Asked;
use crate::{drawn::Address, ui::format};
use leptos::prelude::*;
use weir_domain::events::MOST_KEYS;

/// Since when to look: what the form sends, and what it says.
const SINCE: [(&str, &str); 6] = [
    ("", "All that is stored"),
    ("-1h", "Last hour"),
    ("-24h", "Last day"),
    ("-7d", "Last 7 days"),
    ("-30d", "Last 30 days"),
    ("-90d", "Last 90 days"),
];
/// Bytes that the form may send: more the server refuses without having read them, so the page's script tells before.
const MOST_BYTES: &str = "2000000";

pub(super) fn form(asked: &Asked, address: &Address) -> AnyView {
    let action = match address.given("env") {
        Some(env) => Address::parse("/keys").with("env", env),
        None => "/keys".to_owned(),
    };
    let keys = asked.keys.clone();
    let since = SINCE
        .iter()
        .map(|(value, words)| view! { <option value=*value selected=*value == asked.since>{*words}</option> })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="list">
            <div class="panel__head">
                <h2 class="panel__title" id="list">
                    "The list"
                </h2>
                <span class="panel__note">
                    {format!("up to {} keys; a line, comma, semicolon or tab ends each", format::exact(MOST_KEYS as u64))}
                </span>
            </div>
            <form class="panel__body stack stack--lg" id="keys-form" method="post" action=action>
                <div class="field">
                    <label for="keys">"Keys"</label>
                    <textarea
                        class="area mono keys-text"
                        id="keys"
                        name="keys"
                        rows="8"
                        required
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        data-most=MOST_BYTES
                        aria-describedby="keys-hint"
                    >
                        {keys}
                    </textarea>
                    <span class="field__hint" id="keys-hint">
                        "Whole keys, letter by letter. Doubles count once. Bytes that are no text: hex: and their digits."
                    </span>
                </div>
                <div class="row keys-narrow">
                    <div class="field needs-script">
                        <label for="keys-file">"Or from a file"</label>
                        <input class="input" id="keys-file" type="file" accept=".txt,.csv,.tsv,text/plain,text/csv" data-into="keys" />
                    </div>
                    {text("source", "Source", &asked.source)}
                    {text("channel", "Channel", &asked.channel)}
                    <div class="field">
                        <label for="keys-since">"Since"</label>
                        <select class="select" id="keys-since" name="since">
                            {since}
                        </select>
                    </div>
                </div>
                <div>
                    <button type="submit" class="btn btn--primary">
                        "Look for them"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn text(name: &'static str, label: &'static str, value: &str) -> AnyView {
    let id = format!("keys-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                name=name
                value=value.to_owned()
                placeholder="any"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </div>
    }
    .into_any()
}
