use leptos::prelude::*;

/// What the audit log keeps, for those who read it and those who are in it.
#[component]
pub(super) fn AuditHelp() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="audit">
            <div class="panel__head">
                <h2 class="panel__title" id="audit">
                    "What the audit log keeps"
                </h2>
                <span class="panel__note">"for 400 days; no entry in it can be changed"</span>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"Acts, before they happen. "</b>
                        "Signing in and out, pausing a source and whatever else changes something, with what was before and after. Of secrets only that they were replaced."
                    </li>
                    <li>
                        <b class="strong">"Views, before they are shown. "</b>
                        "Each event opened, payload downloaded and search; live tails and exports when they begin, every minute, and when they end."
                    </li>
                    <li>
                        <b class="strong">"Every refusal, and every failed log-in. "</b>
                        "With the permission that was missing, or why."
                    </li>
                    <li>
                        <b class="strong">"Never what was in an event. "</b>
                        "No key, header or payload, and nothing that was typed: only what a search filtered by. Keys are kept as hashes, by which “Who saw this” in an event’s inspector, and the key field of the Audit page, find everybody who was shown one."
                    </li>
                    <li>
                        <b class="strong">"Who reads it: "</b>
                        "the roles auditor and admin. Looking into it leaves an entry too."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
