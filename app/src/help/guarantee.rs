use leptos::prelude::*;

/// What capture promises, in the words a person can hold it to.
#[component]
pub(super) fn Guarantee() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="guarantee">
            <div class="panel__head">
                <h2 class="panel__title" id="guarantee">
                    "What capture promises"
                </h2>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"Nothing lost, nothing doubled. "</b>
                        "The reading position moves in the same database transaction that stores the events. A crash, a pause or a second reader can neither skip an event nor store it twice. This holds where the broker keeps positions, as Kafka does."
                    </li>
                    <li>
                        <b class="strong">"Any number of processes. "</b>
                        "Taps on several machines share the partitions of a source evenly. When one is killed or cut off, the others take over its part within 15 s, and if it comes back it does no harm."
                    </li>
                    <li>
                        <b class="strong">"What the broker lost is shown. "</b>
                        "Events that retention, truncation or a re-created topic removed before they were read are recorded as a gap, with its bounds. Holes that compaction and transactions leave between offsets are no gap: nothing was lost there."
                    </li>
                    <li>
                        <b class="strong">"Bytes stay as they were. "</b>
                        "Key, headers and payload are stored as the broker gave them. They are decoded when you look: JSON, XML, MessagePack and CBOR, also packed by gzip, zstd or snappy. What can't be decoded is shown as it was sent, with the reason."
                    </li>
                    <li>
                        <b class="strong">"Checked. "</b>
                        "A small sample of what is stored is read from the broker again all the time and compared. A source's page says until when, over how many events, and what differed; "
                        <code>"weir verify"</code>
                        " compares on demand."
                    </li>
                    <li>
                        <b class="strong">"What is kept. "</b>
                        "For each channel an administrator chooses under "
                        <a href="/capture">"What is kept, and what it costs"</a>
                        ": everything, a sample of the keys, metadata only, or nothing; for how many days; and how many bytes of payloads. Where it is less than everything, the event itself says why its content is not there, and it can be read from the broker as long as that has it."
                    </li>
                    <li>
                        <b class="strong">"The tap does no harm. "</b>
                        "It is one more throttled reader. It acknowledges, moves and deletes nothing, and commits for no consumer group. How far Weir may ever go is set by each source's owner, and stands on the source's page."
                    </li>
                    <li>
                        <b class="strong">"Only committed events. "</b>
                        "Events of an aborted transaction are never shown. An open transaction holds its partition back, and the source's page says since when."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
