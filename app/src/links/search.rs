use crate::{
    Failure, RequestContext,
    drawn::{self, DrawnPage, Echo, head},
    events::{Place, line, question, visible},
    help,
    searches::question_words,
    ui::{Empty, TimeForm, Zone, format, time},
};
use leptos::prelude::*;
use weir_domain::{
    LinkId,
    events::Breakdown,
    links::{LINK_DAYS, SearchLink},
    searches::EventsAddress,
};

const TITLE: &str = "Link to a search";

/// The page at `/links`, where the form that makes one is sent to: only what could not be done is shown here.
pub(crate) fn links() -> DrawnPage {
    drawn::page(TITLE, || {
        view! {
            <div class="page page--text">
                {head(TITLE, "", ().into_any())} {drawn::failure(&Echo::here())} <section class="panel" aria-label=TITLE>
                    <Empty title="Links are made of searches">
                        <p>"On the page Events, search for what you want to show somebody, and choose “Link for a chat”."</p>
                        <a class="btn btn--primary" href="/events">
                            "Events"
                        </a>
                    </Empty>
                </section>
            </div>
        }
        .into_any()
    })
}

/// The page at `/links/{id}`: a link, ready to be taken along.
pub(crate) async fn link(cx: &RequestContext, id: &str) -> DrawnPage {
    match opened(cx, id).await {
        Ok(Some(link)) => {
            let found = counted(cx, &link).await;
            drawn::page(TITLE, || shown(cx, &link, found.as_ref()))
        }
        Ok(None) => nowhere(),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

/// `/s/{id}` within the console; from elsewhere the server leads on by itself.
pub(crate) async fn followed(cx: &RequestContext, id: &str) -> DrawnPage {
    match opened(cx, id).await {
        Ok(Some(link)) => drawn::page(TITLE, || {
            view! {
                <div class="page page--text">
                    {head(TITLE, "", ().into_any())} <section class="panel" aria-label="What it asks for">
                        <div class="panel__body stack">
                            {asks(&link.address)} <div class="row">
                                <a class="btn btn--primary" href=href(&link.address)>
                                    "Open the search"
                                </a>
                            </div>
                        </div>
                    </section>
                </div>
            }
            .into_any()
        }),
        Ok(None) => nowhere(),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

async fn opened(cx: &RequestContext, id: &str) -> Result<Option<SearchLink>, Failure> {
    let Some(id) = LinkId::parse(id) else { return Ok(None) };
    cx.told(cx.cases.links.open(&cx.caller()?, &id).await)
}

/// One that nobody made, that has run out, or that an erasure took.
fn nowhere() -> DrawnPage {
    drawn::page("Not found", help::not_found)
}

/// What it finds now, as far as its reader may count it; else unknown.
async fn counted(cx: &RequestContext, link: &SearchLink) -> Option<Breakdown> {
    let asked = question(cx, &Place::parse(link.address.as_str())).await.ok()?;
    if !asked.choices.is_empty() {
        return None;
    }
    cx.told(cx.cases.events.breakdown(&asked.caller, asked.filter, None).await).ok()
}

fn href(address: &EventsAddress) -> String {
    match address.as_str() {
        "" => "/events".to_owned(),
        query => format!("/events?{query}"),
    }
}

fn asks(address: &EventsAddress) -> AnyView {
    let lines = question_words(address).into_iter().map(|(name, value)| {
        view! {
            <dt>{name}</dt>
            <dd class="mono wrap">{line(&value)}</dd>
        }
    });
    view! { <dl class="facts">{lines.collect_view()}</dl> }.into_any()
}

/// Three lines for a chat: what, number with time, link.
fn chat(address: &EventsAddress, found: Option<&Breakdown>, now: &str, url: &str) -> String {
    let words = question_words(address);
    let of = |name: &str| words.iter().find(|(n, _)| *n == name).map(|(_, value)| visible::plain(value));
    let what: Vec<_> = ["query", "key", "type", "channel", "source"]
        .into_iter()
        .filter_map(|name| Some(format!("{name} {}", of(name)?)))
        .collect();
    let what = if what.is_empty() { "Every event".to_owned() } else { format!("Search: {}", what.join(", ")) };
    let number = match found {
        None => "– events".to_owned(),
        Some(found) if found.down_to.is_some() => {
            format!("at least {}", format::count(found.counted, "event", "events"))
        }
        Some(found) => format::count(found.counted, "event", "events"),
    };
    let range = of("time").map(|range| format!(", {range}")).unwrap_or_default();
    format!("{what}\n{number}{range} (counted {now} UTC)\n{url}")
}

fn shown(cx: &RequestContext, link: &SearchLink, found: Option<&Breakdown>) -> AnyView {
    let url = format!("{}/s/{}", cx.base, link.id.0);
    let now = time::text(cx.cases.events.now(), TimeForm::Date, Zone::Utc);
    let lines = chat(&link.address, found, &now, &url);
    let unknown = found.is_none().then_some(
        "How many events it finds could not be counted with your roles, so the second line leaves that open. ",
    );
    view! {
        <div class="page page--text">
            {head(TITLE, "it finds the same tomorrow", ().into_any())} <section class="panel" aria-labelledby="link-itself">
                <div class="panel__head">
                    <h2 class="panel__title" id="link-itself">
                        "The link"
                    </h2>
                </div>
                <div class="panel__body stack">
                    {drawn::copied(&url, "link")} <h3 class="facet__title">"For a chat"</h3>
                    {drawn::copied(&lines, "lines for a chat")}
                </div>
            </section>
            <section class="panel" aria-labelledby="link-asks">
                <div class="panel__head">
                    <h2 class="panel__title" id="link-asks">
                        "What it asks for"
                    </h2>
                </div>
                <div class="panel__body stack">
                    {asks(&link.address)} <div class="row">
                        <a class="btn" href=href(&link.address)>
                            "Open the search"
                        </a>
                    </div>
                </div>
            </section>
            <p class="soft small">
                {unknown}
                {format!(
                    "Its range stands still: what moved with the clock was frozen when the link was made. It is a question and gives no right: whoever opens it signs in, and sees what they may see. It lasts until nobody has opened it for {LINK_DAYS} days.",
                )}
            </p>
        </div>
    }
    .into_any()
}

/// The button that makes one, for who looks at a search.
pub(crate) fn button(query: &str) -> AnyView {
    let query = query.to_owned();
    view! {
        <form method="post" action="/links" class="links-make">
            <input type="hidden" name="address" value=query />
            <button type="submit" class="links-make__b" title="A short link that finds the same tomorrow, and three lines for a chat">
                "Link for a chat"
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_whatever_is_asked_for() {
        let url = "https://weir.example/s/abcdefghijkm";
        let query = "q=data.note:%22a%0Ab%22&channel=orders.placed&from=2026-11-22T13:00:00Z&to=2026-11-22T14:00:00Z";
        let address = EventsAddress::new(query.to_owned()).unwrap();
        let text = chat(&address, None, "2026-11-22 14:05:00", url);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(
            lines[0].starts_with("Search: query data.note:") && lines[0].ends_with("channel orders.placed"),
            "{text}"
        );
        assert!(lines[1].starts_with("– events, 2026-11-22 13:00:00 to 14:00:00 UTC"), "{text}");
        assert_eq!(lines[2], url);
        assert!(chat(&EventsAddress::new(String::new()).unwrap(), None, "", url).starts_with("Every event\n"));
    }
}
