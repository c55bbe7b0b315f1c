use leptos::prelude::*;

/// How the list of events counts, and what it can't know.
#[component]
pub(super) fn Search() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="events">
            <div class="panel__head">
                <h2 class="panel__title" id="events">
                    "How a search for events counts"
                </h2>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"Newest first, by event time, or oldest first. "</b>
                        "“Oldest first” above the list turns the search round: it begins where the range or what is stored begins. "
                        "Events without a time of their own, or with one over an hour ahead of their capture, are sorted by when Weir captured them, and marked."
                    </li>
                    <li>
                        <b class="strong">"Read. "</b>
                        "So many events were looked at one by one, down to the time given. A search stops when the page is full, or after a bounded amount of reading; then it says so, and goes on from there when you ask."
                    </li>
                    <li>
                        <b class="strong">"Searching on. "</b>
                        "Where more has to be read, the Events page goes on by itself until 1,000 events are found, says how much of what is stored was read, and can be stopped (Esc) and continued; scrolling to the end brings more, up to 100,000. What is stored is counted by whole days, so it is “up to”. The search ends when its page is closed."
                    </li>
                    <li>
                        <b class="strong">"Columns. "</b>
                        "“Columns” above the list makes a table of any fields: words such as key and offset, "<code>"header.tenant"</code>
                        " for a header, "<code>"data.amount"</code>
                        " for a path into the payload. A column's head sorts what was found, and nothing else: numbers by value, then texts, then what is not there. All of it is in the address, is saved with a search, and goes into the CSV."
                    </li>
                    <li>
                        <b class="strong">"Looked into. "</b>
                        "Where a query asks for words or fields, keys, headers and payloads of so many events were read. Types, names, keys and rare words that a query asks for are looked up first, so that the rest need not be; and where it asks for numbers, whole blocks are ruled out by the least and greatest number they hold."
                    </li>
                    <li>
                        <b class="strong">"Left out, because they could not be judged. "</b>
                        "So many events could not be told to match or not: an expression (cel:) failed on them, or their payload is packed and can't be unpacked within the limits. Each is counted once, on the page that came to it."
                    </li>
                    <li>
                        <b class="strong">"Searched the index of. "</b>
                        "A key, a rare type and a rare word are looked up in an index, which tells the few batches that may hold them; only those are read. Words are looked up for those who may see keys, headers and payloads. What was captured in the last minutes may not be in the index yet: it is read. The count is that of the events in the days it covers, so with a range it is an upper bound."
                    </li>
                    <li>
                        <b class="strong">"A list of keys. "</b>
                        <a href="/keys">"Keys from a list"</a>
                        " takes up to 10,000 whole keys, from a ticket or a table. Up to 100 are looked up in the index; for more, what is stored is read once for all of them, what was captured last first, for some seconds. If that is not enough it says from when on it is sure, and its counts are “at least”."
                    </li>
                    <li>
                        <b class="strong">"Saved. "</b>
                        <a href="/searches">"Saved searches"</a>
                        " keep the question under a name, for yourself or for everybody; the answer is made anew each time, of what you may see."
                    </li>
                    <li>
                        <b class="strong">"Links. "</b>
                        "An event's link is its own page, /events/<partition>-<offset>, for good: once the event is gone it says what is known of it, when it went and why. “Link for a chat” gives any search a short one, with its range frozen, and three lines to paste; it lasts until nobody has opened it for 400 days. A link is a question and gives no right: whoever opens it signs in first, sees what they may see, and chats that look at it before learn nothing."
                    </li>
                    <li>
                        <b class="strong">"In the broker. "</b>
                        "What the store does not have may still be in the broker: with a channel chosen, “In the broker” asks it the same, step by step, within limits of events, bytes and seconds that you choose, and says what was read, what is left and what could not be read. It needs to see payloads; nothing that is read is stored. Only what Weir knows a partition of is looked into, and of a source that keeps metadata only nothing that the store does not know, or knows no more."
                    </li>
                    <li>
                        <b class="strong">"Links of values. "</b>
                        <a href="/links/templates">"Link templates"</a>
                        " lead from a field of events to another system: data.orderId to a CRM, header.traceparent to tracing. They stand in the inspector for who may see the value, with the host that they lead to. Who may edit policies makes them."
                    </li>
                    <li>
                        <b class="strong">"Complete. "</b>
                        "Everything that is stored and that you may see was looked at. What the broker lost before Weir read it (a gap), and what a source that is down or paused has not delivered yet, can't be found: both are named above the list."
                    </li>
                    <li>
                        <b class="strong">"Bars. "</b>
                        "Pale ones count all events of the channels that are searched, by event time, batch by batch: a batch that lies across two bars is shared out evenly between them. The others count what the search finds. A bar leads to its stretch of time; dragging over several leads to all of them. Where no beginning is asked for, they reach back 30 days."
                    </li>
                    <li>
                        <b class="strong">"Top values. "</b>
                        "The most frequent types, channels and keys, and values of any field of the payload. They are counted over the newest 10,000 events that the search finds, a field's over the newest 2,000 whose payload is there, and the words below them say how far that went."
                    </li>
                    <li>
                        <b class="strong">"Left out by the live tail. "</b>
                        "Events that came faster than a page can show, or while the connection was away. They are stored: the list has them."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
