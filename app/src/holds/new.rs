use crate::drawn::{self, DrawnPage, Echo, head, one_of};
use leptos::prelude::*;
use weir_domain::holds::{LONGEST_NAME, LONGEST_REASON};

const TITLE: &str = "Place a hold";

/// The page at `/holds/new`. Its form answers with it.
pub(crate) fn new() -> DrawnPage {
    drawn::page(TITLE, || {
        let echo = Echo::here();
        view! {
            <div class="page page--text">
                {head(TITLE, "what it keeps is neither dropped nor erased", ().into_any())} {drawn::failure(&echo)}
                {form(&echo)}
            </div>
        }
        .into_any()
    })
}

fn form(echo: &Echo) -> AnyView {
    let typed = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
    let kinds = [
        ("channel", "A channel", "All of it, or what lies in a range; name it below."),
        ("key", "A key", "Every event with it, in every channel. Weir keeps the key's hash, not the key."),
        ("events", "Single events", "Their ids or links, one a line."),
    ];
    let kinds = one_of("kind", &kinds, &typed("kind"));
    let time = |name: &'static str, label: &'static str| {
        let id = format!("hold-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input" id=id name=name type="datetime-local" step="1" value=typed(name) />
            </div>
        }
    };
    view! {
        <section class="panel" aria-label="The hold">
            <form class="panel__body stack stack--lg" method="post" action="/holds/new">
                <div class="field">
                    <label for="hold-name">"Name"</label>
                    <input
                        class="input"
                        id="hold-name"
                        name="name"
                        value=typed("name")
                        required
                        maxlength=LONGEST_NAME.to_string()
                        autocomplete="off"
                        placeholder="Case 2026-12"
                    />
                </div>
                <fieldset class="field fieldset">
                    <legend class="field__label">"Keep"</legend>
                    {kinds}
                </fieldset>
                <div class="field">
                    <label for="hold-what">"Channel, key or events"</label>
                    <textarea class="area" id="hold-what" name="what" rows="2" required autocomplete="off" spellcheck="false">
                        {typed("what")}
                    </textarea>
                </div>
                <div class="pair">{time("from", "Of a channel, from (UTC)")} {time("to", "to (UTC)")}</div>
                <div class="field">
                    <label for="hold-ends">"Ends after the day (UTC)"</label>
                    <input class="input input--short" id="hold-ends" name="ends" type="date" value=typed("ends") required />
                </div>
                <div class="field">
                    <label for="hold-reason">"Why"</label>
                    <textarea
                        class="area"
                        id="hold-reason"
                        name="reason"
                        rows="2"
                        required
                        maxlength=LONGEST_REASON.to_string()
                        aria-describedby="hold-reason-hint"
                    >
                        {typed("reason")}
                    </textarea>
                    <span class="field__hint" id="hold-reason-hint">
                        "Leave out keys and names of persons: the number of the case will do."
                    </span>
                </div>
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Place the hold"
                    </button>
                    <a class="btn btn--ghost" href="/holds">
                        "Holds"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
