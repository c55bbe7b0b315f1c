use super::TableShown;
use crate::{
    Failure, RequestContext,
    drawn::{self, DrawnPage},
    events::{Place, question, visible},
    ui::ErrorPanel,
};
use leptos::prelude::*;
use weir_cases::events::TableAsked;
use weir_domain::events::{Column, EventFilter};

/// Events whose fields are offered.
const LOOKED_AT: u32 = 50;

/// The form that chooses the columns of a table: a list in its order, and what could be in it.
pub(crate) async fn chooser(cx: &RequestContext, query: &str) -> DrawnPage {
    let place = Place::parse(query).list_part().first_page();
    let part = query.split('&').any(|pair| pair == "part=1");
    // What is wrong in the list is told by the table, and is mended here.
    let shown = TableShown::parse(query).unwrap_or_default();
    let fields = fields(cx, &place).await;
    drawn::page("Columns", || {
        let body = form(&place, &shown, fields);
        match part {
            true => body,
            false => view! {
                <div class="page page--text">
                    {drawn::head("Columns", "of the table of events", ().into_any())}
                    <section class="panel">
                        <div class="panel__body">{body}</div>
                    </section>
                </div>
            }
            .into_any(),
        }
    })
}

/// Headers and payload fields of the newest events that the search finds.
async fn fields(cx: &RequestContext, place: &Place) -> Result<Vec<String>, Failure> {
    let asked = question(cx, place).await?;
    // Of the whole channel, not only of what matches a rare word: there is more to choose from, and sooner.
    let filter = EventFilter { query: None, key: None, ..asked.filter };
    let table = TableAsked { fields: true, ..TableAsked::default() };
    let found = cx.cases.events.table(&asked.caller, filter, table, None, LOOKED_AT).await;
    Ok(cx.told(found)?.fields)
}

fn form(place: &Place, shown: &TableShown, fields: Result<Vec<String>, Failure>) -> AnyView {
    let columns = shown.drawn();
    let kept = [
        ("env", place.env.clone()),
        ("source", place.source.clone()),
        ("channel", place.channel.clone()),
        ("type", place.event_type.clone()),
        ("key", place.key.clone()),
        ("q", place.q.clone()),
        ("from", place.from.clone()),
        ("to", place.to.clone()),
        ("sort", shown.sort.as_ref().map(weir_domain::events::Sort::text)),
        ("density", shown.compact.then(|| "compact".to_owned())),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let list = |names: Vec<String>, title: &'static str| {
        let names = names.into_iter().map(|name| {
            let on = columns.iter().any(|c| c.text() == name);
            let text = visible::plain(&name);
            view! {
                <button type="button" class="btn btn--sm mono" data-column=name aria-pressed=on.to_string()>
                    {text}
                </button>
            }
        });
        let names = names.collect_view();
        view! {
            <fieldset class="found__fields">
                <legend class="small muted">{title}</legend>
                {names}
            </fieldset>
        }
        .into_any()
    };
    let words = list(Column::words().map(str::to_owned).collect(), "Of every event");
    let fields = match fields {
        Ok(fields) if fields.is_empty() => {
            view! { <p class="small muted">"No field was found in the newest events."</p> }.into_any()
        }
        Ok(fields) => list(fields, "In the newest events"),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    };
    view! {
        <form class="stack found__chooser" method="get" action="/table">
            {kept}
            <div class="field">
                <label for="found-columns">"Columns, in their order"</label>
                <input
                    class="input input--mono"
                    id="found-columns"
                    name="columns"
                    value=TableShown::written(&columns)
                    maxlength="4096"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                />
                <span class="small muted">"Any path of the payload: data.amount; a header: header.tenant."</span>
            </div>
            <div class="found__offers">{words} {fields}</div>
            <button type="submit" class="btn btn--sm btn--primary">
                "Show"
            </button>
        </form>
    }
    .into_any()
}
