use leptos::prelude::*;

/// What is told of consumer groups, and what may be done to them.
#[component]
pub(super) fn LagHelp() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="lag">
            <div class="panel__head">
                <h2 class="panel__title" id="lag">
                    "Consumer lag"
                </h2>
                <span class="panel__note">"who loses data first stands first"</span>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <a href="/lag">"Groups"</a>
                        " are observed at their brokers every few seconds, on channels that are captured and on those that are not. Lag is what a group has not read: in events, and as the age of the oldest of them, which is exact where capture has that event and \u{201c}about\u{201d} where it lies between two observations."
                    </li>
                    <li>
                        "A status is its worst partition's: OK, UNKNOWN (nothing can be said), REWIND (its position went back), WARN (it reads and falls behind), STALL (somebody holds the partition and stands still), STOP (it reads no more). "
                        <code>"weir lag explain --group NAME"</code>
                        " says which rule decided, by Weir's rules and by Burrow's."
                    </li>
                    <li>
                        "A forecast says when lag is drained if things stay as they were, and when retention deletes what has not been read. It is learnt from each group's own hours; what it may be off by is told with it."
                    </li>
                    <li>
                        "A channel's page says how much comes in, how large it is, how far back it reaches and who reads it. Where one partition takes more than its share, the group's page says so, and which key brings it: of the newest 2,000 events stored, one key with 30 % and more, far above the others. All groups, as they are filtered and sorted, are taken along as CSV."
                    </li>
                    <li>
                        "Positions are moved by an operator, only where the source's owner allows it, while nobody is in the group, and after a look at what would be read again and what skipped. Where they were is kept, so that it can be taken back once, as long as nobody has read on. A deleted group can't."
                    </li>
                    <li>
                        "Applications that keep their positions elsewhere (Spark, Flink) may "
                        <a href="/api">"report them by program"</a>
                        ". They stand among the others as reported; who is silent for five minutes counts as not running."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
