use leptos::prelude::*;

/// What an erasure takes out, and what a hold keeps.
#[component]
pub(super) fn ErasureHelp() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="erasure">
            <div class="panel__head">
                <h2 class="panel__title" id="erasure">
                    "Erasure and holds"
                </h2>
                <span class="panel__note">"for the role admin"</span>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <a href="/erasures">"An erasure"</a>
                        " takes key, headers and payload out of every stored event with a key, that holds a value, or that is named. What it would erase is counted; then a second person approves it. That the event was there stays, with who asked, who approved, when and why: an erased event shows it under Around it."
                    </li>
                    <li>
                        <a href="/holds">"A hold"</a>
                        " keeps a channel, a key or single events past their retention, and from being erased or given up for want of room, until a day."
                    </li>
                    <li>
                        "Where a channel's "
                        <a href="/capture">"policy"</a>
                        " says so, a tombstone (an event with a key and without payload) erases the earlier events of its key on that channel. Who switches that on approves all of them; what a hold keeps is left, and the erasure says how much."
                    </li>
                    <li>
                        "Neither reaches the broker, files that were exported, or backups of the database."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
