use leptos::prelude::*;

/// How to take along what a search finds.
#[component]
pub(super) fn Export() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="export">
            <div class="panel__head">
                <h2 class="panel__title" id="export">
                    "Exporting what a search finds"
                </h2>
                <span class="panel__note">"needs events.export: the role support"</span>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"From the browser. "</b>
                        "In the address of the Events page put " <code>"/events/export"</code> " in place of "
                        <code>"/events"</code>
                        ", and keep what follows: all that the page finds comes as a file, newest first, not this page of it alone. With "
                        <code>"&format=csv"</code> " it is a table."
                    </li>
                    <li>
                        <b class="strong">"By program. "</b> <code>"weir search 'key:ord-4711' --json"</code> ", "
                        <code>"--csv"</code> ", or " <code>"/api/v1/events/export"</code> "."
                    </li>
                    <li>
                        <b class="strong">"Lines of JSON (NDJSON). "</b>
                        "Each event with its key, headers and payload, as far as you may see them. payload_is says how to read the payload: json, text, base64; or why there is none: null, absent, too_large, masked. The last line tells whether that is all, how much was looked at, and what is not known. Where nothing is found for 10 s an empty line comes in between, so that no proxy cuts the connection; programs pass over them."
                    </li>
                    <li>
                        <b class="strong">"Table (CSV). "</b>
                        "UTF-8, commas, without headers. The line of names is sent at once; while nothing is found nothing more can be, so behind a proxy that cuts silent connections NDJSON is the one for long searches. What a spreadsheet would take for a formula has an apostrophe before it. A table that leaves something out, or may (a limit was reached, gaps, sources that are not being read, channels you may not see), ends with a record that begins with #weir.export.completeness: what it is, in words and as JSON. A table without it is all there is, if the download did not fail. Readers of tables with comments pass over it; no row of an event begins with #."
                    </li>
                    <li>
                        <b class="strong">"Whole or cut off. "</b>
                        "An export that can't go on breaks off, so that the download fails; it never ends as if it were whole. One holds 1,000,000 events at most: next in its last line, given as "
                        <code>"&cursor="</code> ", goes on."
                    </li>
                    <li>
                        <b class="strong">"In the audit log. "</b>
                        "Who exported, what it was filtered by, and the keys of every event that went out: “Who saw this” finds it."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
