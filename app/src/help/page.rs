use super::{connect::Connect, guarantee::Guarantee};
use crate::{
    overview::FIGURES,
    shell::{key_row, page_key_rows, use_keys},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Keys that pages of the console bind; the list that `?` opens shows those of the page in view.
const KEYS: &[(&str, &str)] = &[
    ("?", "List the keys of this page"),
    ("/", "Events: go to the filters"),
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

#[component]
pub fn Help() -> impl IntoView {
    let keys = use_keys();
    view! {
        <Title text="Help · Weir" />
        <div class="page page--text">
            <div class="page__head">
                <h1 class="page__title">"Help"</h1>
                <button type="button" class="btn push needs-script" on:click=move |_| keys.show_list()>
                    "Keys of this page"
                </button>
            </div>
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
            <Guarantee />
            <Connect />
            <section class="panel" aria-labelledby="keyboard">
                <div class="panel__head">
                    <h2 class="panel__title" id="keyboard">
                        "Keyboard"
                    </h2>
                    <span class="panel__note">
                        "single keys do nothing while you type, and can be turned off in the list that ? opens"
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
