use crate::drawn::{self, DrawnPage, Echo, head, one_of};
use leptos::prelude::*;
use weir_domain::erasures::{DAYS_OPEN, LONGEST_REASON, MOST_EVENTS, SHORTEST_VALUE, SubjectKind};

const TITLE: &str = "Ask for an erasure";

/// The page at `/erasures/new`. Its form answers with it.
pub(crate) fn new() -> DrawnPage {
    drawn::page(TITLE, || {
        let echo = Echo::here();
        view! {
            <div class="page page--text">
                {head(TITLE, "a second person approves it", ().into_any())} {drawn::failure(&echo)} {form(&echo)}
                {reach()}
            </div>
        }
        .into_any()
    })
}

fn form(echo: &Echo) -> AnyView {
    let typed = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
    let kinds = [
        (
            SubjectKind::Key.as_str(),
            "Every event with a key",
            "The whole key, as events have it; hex: stands before bytes.",
        ),
        (
            SubjectKind::Value.as_str(),
            "Every event that holds a value",
            "A word or phrase in key, headers or payload, in any case, not inside a longer word.",
        ),
        (SubjectKind::Events.as_str(), "Single events", "Their ids or links, one a line."),
    ];
    let kinds = one_of("kind", &kinds, &typed("kind"));
    view! {
        <section class="panel" aria-labelledby="erase-what">
            <div class="panel__head">
                <h2 class="panel__title" id="erase-what">
                    "What is to be erased"
                </h2>
            </div>
            <form class="panel__body stack stack--lg" method="post" action="/erasures/new">
                <fieldset class="field fieldset">
                    <legend class="field__label">"Erase"</legend>
                    {kinds}
                </fieldset>
                <div class="field">
                    <label for="erase-subject">"Key, value or events"</label>
                    <textarea
                        class="area"
                        id="erase-subject"
                        name="subject"
                        rows="3"
                        required
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="erase-subject-hint"
                    >
                        {typed("subject")}
                    </textarea>
                    <span class="field__hint" id="erase-subject-hint">
                        {format!(
                            "A value has {SHORTEST_VALUE} characters or more; a list has at most {MOST_EVENTS} events. It is kept until the erasure is through or the request ends, and then forgotten.",
                        )}
                    </span>
                </div>
                <div class="field">
                    <label for="erase-channels">"Channels"</label>
                    <textarea
                        class="area"
                        id="erase-channels"
                        name="channels"
                        rows="2"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="erase-channels-hint"
                    >
                        {typed("channels")}
                    </textarea>
                    <span class="field__hint" id="erase-channels-hint">
                        "One a line; empty: every channel. Of single events it is not asked."
                    </span>
                </div>
                <div class="field">
                    <label for="erase-reason">"Why"</label>
                    <textarea
                        class="area"
                        id="erase-reason"
                        name="reason"
                        rows="2"
                        required
                        maxlength=LONGEST_REASON.to_string()
                        aria-describedby="erase-reason-hint"
                    >
                        {typed("reason")}
                    </textarea>
                    <span class="field__hint" id="erase-reason-hint">
                        "It stays with the erased events. Leave out the key, the value and any name: the number of the request will do."
                    </span>
                </div>
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Count what it would erase"
                    </button>
                    <a class="btn btn--ghost" href="/erasures">
                        "Erasures"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// What an erasure does, and what it can't reach.
pub(super) fn reach() -> AnyView {
    view! {
        <section class="panel" aria-labelledby="erase-reach">
            <div class="panel__head">
                <h2 class="panel__title" id="erase-reach">
                    "What an erasure does"
                </h2>
            </div>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"First it is counted, then a second person decides. "</b>
                        {format!(
                            "Somebody else who may erase approves or declines it within {DAYS_OPEN} days. Where only one person may, a second one has to be given the role admin first.",
                        )}
                    </li>
                    <li>
                        <b class="strong">"Key, headers and payload go for good. "</b>
                        "That the event was there stays: its channel, position, times, size and type, with who asked, who approved, when and why. Saved searches and links to searches that name a key or value are removed, and the audit log forgets the key's hash."
                    </li>
                    <li>
                        <b class="strong">"What it can't reach: "</b>
                        "events that were stored without their content (nothing tells whose they are; filling their content later stores it), "
                        "the broker, which still has the events for as long as it keeps them; files that were exported or downloaded; backups of the database and its write-ahead log, until they are gone; what stands in the names of event types, in titles of changes and in what people wrote elsewhere."
                    </li>
                    <li>
                        <b class="strong">"A value is found as text. "</b>
                        "Inside compressed or binary payloads (gzip, Avro, Protobuf) it is not: erase those by key or as single events. Of events whose payload is past its retention, only the hash of a key is left; it is erased by key."
                    </li>
                    <li>
                        <b class="strong">"What comes later is not erased. "</b> "New events with the same key are stored as before."
                    </li>
                    <li>
                        <b class="strong">"What is held stays. "</b>
                        <a href="/holds">"A hold"</a>
                        " keeps its events from being erased."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}
