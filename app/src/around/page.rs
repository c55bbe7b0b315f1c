use super::chat;
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, time},
    events::{keyed, visible},
    help,
    ui::ErrorPanel,
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    erasures::ErasedBy,
    events::{Absence, Around, EventRow, Neighbours},
};

/// `/around/{id}`; `part=1` leaves out what the inspector shows itself.
pub(crate) async fn around(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let answer = match id.parse::<EventId>() {
        Ok(id) => asked(cx, id, address).await,
        Err(_) => Ok(None),
    };
    let erased = match &answer {
        Ok(Some(found)) if found.event.absent == Some(Absence::Erased) => erased(cx, found.event.id, address).await,
        _ => None,
    };
    drawn::page("Around an event", || match answer {
        Ok(Some(found)) if part => shown(&found, erased.as_ref(), &cx.base),
        Ok(Some(found)) => whole(&found, erased.as_ref(), &cx.base),
        Ok(None) => help::not_found(),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: EventId, address: &Address) -> Result<Option<Around>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.events.around(&caller, id).await)
}

/// Who took its bytes; what can't be told is left out.
async fn erased(cx: &RequestContext, id: EventId, address: &Address) -> Option<ErasedBy> {
    let caller = cx.caller_in(address.environment()).ok()?;
    cx.told(cx.cases.erasures.erased_by(&caller, id).await).ok().flatten()
}

fn whole(found: &Around, erased: Option<&ErasedBy>, base: &str) -> AnyView {
    let own = format!("/events/{}", found.event.id);
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=own>
            "The event"
        </a>
    };
    view! {
        <div class="page page--text">
            {drawn::head("Around an event", "times in UTC", back.into_any())} <section class="panel">
                <div class="panel__body">{shown(found, erased, base)}</div>
            </section>
        </div>
    }
    .into_any()
}

fn shown(found: &Around, erased: Option<&ErasedBy>, base: &str) -> AnyView {
    let own = &found.event;
    let key = match (found.busy_key, keyed::whole(&own.key)) {
        (true, _) => {
            view! { <p class="small soft">"This key has too many events to say which are next to this one."</p> }
                .into_any()
        }
        (false, Some(key)) => list(format!("Of the key {}", visible::plain(&key)), own, &found.of_key),
        (false, None) => ().into_any(),
    };
    let chat = chat::lines(own, &format!("{base}/events/{}", own.id));
    view! {
        <div class="around">
            {erased.map(taken)} {key}
            {list(format!("In partition {}", own.partition_number), own, &found.in_partition)}
            <h3 class="facet__title">"For a chat"</h3>
            {drawn::copied(&chat, "lines for a chat")}
        </div>
    }
    .into_any()
}

/// What stays of an erased event: when, who, why.
fn taken(by: &ErasedBy) -> AnyView {
    view! {
        <section>
            <h3 class="facet__title">"Erased"</h3>
            <p class="small">
                {time(by.at)}
                {format!(
                    ", asked by {}, approved by {}: ",
                    visible::plain(&by.asked_name),
                    visible::plain(&by.approved_name),
                )}
                {visible::plain(&by.reason)}
            </p>
        </section>
    }
    .into_any()
}

/// Newest first, the event itself among them.
fn list(title: String, own: &EventRow, around: &Neighbours<EventRow>) -> AnyView {
    let newest = around.after.iter().rev().map(|row| (row, false));
    let oldest = around.before.iter().map(|row| (row, false));
    let rows = newest.chain([(own, true)]).chain(oldest).map(|(row, here)| line(row, own, here)).collect_view();
    let alone = (around.before.is_empty() && around.after.is_empty()).then_some("No other event is stored here.");
    view! {
        <section>
            <h3 class="facet__title">{title}</h3>
            <table class="table around__t">
                <tbody>{rows}</tbody>
            </table>
            <p class="small muted">{alone}</p>
        </section>
    }
    .into_any()
}

fn line(row: &EventRow, own: &EventRow, here: bool) -> AnyView {
    let (id, name) = (row.id.to_string(), visible::plain(&row.event_type));
    // Two sources may read one broker.
    let elsewhere = match (row.source == own.source, row.channel == own.channel || row.channel_name == row.event_type) {
        (true, true) => None,
        (true, false) => Some(format!(" in {}", visible::plain(&row.channel_name))),
        (false, _) => {
            Some(format!(" in {} of {}", visible::plain(&row.channel_name), visible::plain(&row.source_name)))
        }
    };
    let elsewhere = elsewhere.map(|words| view! { <span class="muted">{words}</span> });
    let (event, compare) = match here {
        true => (
            view! { <b class="mono">{name}</b> }.into_any(),
            view! { <span class="muted">"this one"</span> }.into_any(),
        ),
        false => (
            view! {
                <a class="mono" href=format!("/events/{id}") data-event=id.clone()>
                    {name}
                </a>
            }
            .into_any(),
            view! {
                <a href=format!("/compare?a={}&b={id}", own.id) aria-label=format!("Compare with {id}")>
                    "Compare"
                </a>
            }
            .into_any(),
        ),
    };
    view! {
        <tr aria-current=here.then_some("true")>
            <td>{time(row.time)}</td>
            <td class="trunc">{event} {elsewhere}</td>
            <td class="num">{compare}</td>
        </tr>
    }
    .into_any()
}
