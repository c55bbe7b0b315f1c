use super::address::{address_of, words};
use crate::{
    Failure, RequestContext,
    drawn::{self, DrawnPage, Echo, head},
    events::line,
    ui::ErrorPanel,
};
use leptos::prelude::*;
use weir_domain::searches::{EventsAddress, LONGEST_NAME};

const TITLE: &str = "Save a search";

/// The page at `/searches/new?<the query of an Events address>`. Its form answers with it.
pub(crate) fn new(cx: &RequestContext, query: &str) -> DrawnPage {
    drawn::page(TITLE, || {
        let echo = Echo::here();
        let query = echo.typed("address").unwrap_or(query).to_owned();
        let body = match cx.told(address_of(&query)) {
            Ok(address) => form(&address, &echo),
            Err(failure) => unreadable(failure),
        };
        view! {
            <div class="page page--text">
                {head(TITLE, "a question that you ask again and again", ().into_any())} {drawn::failure(&echo)} {body}
            </div>
        }
        .into_any()
    })
}

fn unreadable(failure: Failure) -> AnyView {
    view! {
        <section class="panel" aria-label="What is wrong">
            <ErrorPanel failure />
        </section>
    }
    .into_any()
}

fn form(address: &EventsAddress, echo: &Echo) -> AnyView {
    let asks = words(address)
        .into_iter()
        .map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd class="mono wrap">{line(&value)}</dd>
            }
        })
        .collect_view();
    let name = echo.typed("name").unwrap_or_default().to_owned();
    let shared = echo.typed("shared").is_some();
    view! {
        <section class="panel" aria-labelledby="new-search">
            <div class="panel__head">
                <h2 class="panel__title" id="new-search">
                    "What it asks for"
                </h2>
            </div>
            <form class="panel__body stack stack--lg" method="post" action="/searches/new">
                <dl class="facts">{asks}</dl>
                <input type="hidden" name="address" value=address.as_str().to_owned() />
                <div class="field">
                    <label for="search-name">"Name"</label>
                    <input
                        class="input"
                        id="search-name"
                        name="name"
                        value=name
                        required
                        maxlength=LONGEST_NAME.to_string()
                        autocomplete="off"
                        placeholder="Payments that hang"
                    />
                </div>
                <label class="check check--line">
                    <input type="checkbox" name="shared" value="yes" checked=shared />
                    <span>
                        "Share it: everybody who is signed in sees its name and all that stands above, keys too. Opened, it shows each person what they may see."
                    </span>
                </label>
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Save"
                    </button>
                    <a class="btn btn--ghost" href="/searches">
                        "Saved searches"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
