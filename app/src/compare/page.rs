use super::differences::{Line, Same, Value, lines, paired};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, time},
    events::{keyed, visible},
    help,
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    events::{EventDetail, HeaderShown, Masked, PayloadShown, PayloadView},
};

/// `/compare?a=…&b=…`: what is different between two events, as far as the roles show it.
pub(crate) async fn compare(cx: &RequestContext, address: &Address) -> DrawnPage {
    let answer = both(cx, address).await;
    drawn::page("Compare two events", || match answer {
        Ok(Some((a, b))) => shown(&a, &b),
        Ok(None) => help::not_found(),
        Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn both(cx: &RequestContext, address: &Address) -> Result<Option<(EventDetail, EventDetail)>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    let id = |name: &str| address.given(name).and_then(|text| text.parse::<EventId>().ok());
    let (Some(a), Some(b)) = (id("a"), id("b")) else { return Ok(None) };
    let Some(a) = cx.told(cx.cases.events.detail(&caller, a).await)? else { return Ok(None) };
    let Some(b) = cx.told(cx.cases.events.detail(&caller, b).await)? else { return Ok(None) };
    Ok(Some((a, b)))
}

fn shown(a: &EventDetail, b: &EventDetail) -> AnyView {
    let swap = format!("/compare?a={}&b={}", b.row.id, a.row.id);
    let end = view! {
        <a class="btn btn--ghost btn--sm" href=swap>
            "Swap"
        </a>
    };
    view! {
        <div class="page">
            {drawn::head("Compare two events", "times in UTC", end.into_any())}
            <section class="panel" aria-label="Differences">
                <table class="table compare">
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">{named(a)}</th>
                            <th scope="col">{named(b)}</th>
                        </tr>
                    </thead>
                    {group("Event", facts(a, b))}
                    {headers(a, b)}
                    {payloads(a, b)}
                </table>
            </section>
        </div>
    }
    .into_any()
}

fn named(event: &EventDetail) -> AnyView {
    let id = event.row.id.to_string();
    view! {
        <a class="mono" href=format!("/events/{id}")>
            {id.clone()}
        </a>
        " "
        {time(event.row.time)}
    }
    .into_any()
}

fn facts(a: &EventDetail, b: &EventDetail) -> Vec<Line> {
    let of = |e: &EventDetail| {
        let row = &e.row;
        let key = match &row.key {
            Masked::NeedsRole { .. } => Value { cut: true, ..Value::whole("Key", "hidden") },
            Masked::Shown(None) => Value::whole("Key", "null"),
            Masked::Shown(Some(key)) => Value { cut: key.cut, ..Value::whole("Key", key.text.clone()) },
        };
        vec![
            Value::whole("Type", row.event_type.clone()),
            Value::whole("Channel", row.channel_name.clone()),
            Value::whole("Source", row.source_name.clone()),
            Value::whole("Partition", row.partition_number.to_string()),
            key,
            Value::whole("Size", format!("{} bytes", format::exact(row.size))),
        ]
    };
    paired(of(a), of(b))
}

fn headers(a: &EventDetail, b: &EventDetail) -> AnyView {
    match (&a.headers, &b.headers) {
        (Masked::Shown(a), Masked::Shown(b)) => group("Headers", paired(header_lines(a), header_lines(b))),
        _ => words("Headers", "Hidden: your roles do not show headers."),
    }
}

fn header_lines(headers: &[HeaderShown]) -> Vec<Value> {
    let value = |h: &HeaderShown| match &h.value {
        None => Value::whole(h.name.clone(), "null"),
        Some(PayloadView::Text { text, cut, .. }) => {
            Value { cut: *cut, ..Value::whole(h.name.clone(), format!("\"{text}\"")) }
        }
        Some(PayloadView::Binary { hex, cut, .. }) => {
            Value { cut: *cut, ..Value::whole(h.name.clone(), format!("hex:{hex}")) }
        }
    };
    headers.iter().map(value).collect()
}

fn payloads(a: &EventDetail, b: &EventDetail) -> AnyView {
    use PayloadShown::Present;
    match (&a.payload, &b.payload) {
        (
            Masked::Shown(Present { tree: of_a, tree_cut, .. }),
            Masked::Shown(Present { tree: of_b, tree_cut: cut, .. }),
        ) if !of_a.is_empty() && !of_b.is_empty() => {
            let title = if *tree_cut || *cut { "Payload, as far as it is shown" } else { "Payload" };
            group(title, lines(of_a, of_b))
        }
        (Masked::Shown(a), Masked::Shown(b)) => match (a == b, all_shown(a)) {
            (true, true) => words("Payload", "Equal."),
            (true, false) => words("Payload", "Equal as far as it is shown; download both to compare the rest."),
            (false, _) => words("Payload", "Different, and not both a document whose fields could be compared."),
        },
        _ => words("Payload", "Hidden: your roles do not show payloads."),
    }
}

/// Is nothing of it left out?
fn all_shown(payload: &PayloadShown) -> bool {
    match payload {
        PayloadShown::Null | PayloadShown::Absent(_) => true,
        PayloadShown::Present { text: Some(text), text_as_sent: true, .. } => !text.cut,
        PayloadShown::Present { hex, total, .. } => u64::try_from(hex.len() / 2).is_ok_and(|shown| shown == *total),
    }
}

fn words(title: &'static str, text: &'static str) -> AnyView {
    view! {
        <tbody>
            <tr>
                <th scope="row">{title}</th>
                <td colspan="2" class="soft">
                    {text}
                </td>
            </tr>
        </tbody>
    }
    .into_any()
}

/// What differs first; what is equal after it, quieter.
fn group(title: &'static str, all: Vec<Line>) -> AnyView {
    let of = |same: Same| all.iter().filter(move |l| l.same() == same);
    let counts = [(Same::No, "different"), (Same::SoFar, "equal as far as shown"), (Same::Yes, "equal")];
    let counts = counts.map(|(same, words)| (of(same).count(), words));
    let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    let count = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    let rows = of(Same::No)
        .map(|l| row(l, "compare__differs"))
        .chain(of(Same::SoFar).map(|l| row(l, "")))
        .chain(of(Same::Yes).map(|l| row(l, "compare__same")));
    view! {
        <tbody>
            <tr class="compare__head">
                <th scope="rowgroup" colspan="3">
                    {title} <span class="muted">" " {count}</span>
                </th>
            </tr>
            {rows.collect_view()}
        </tbody>
    }
    .into_any()
}

fn row(line: &Line, class: &'static str) -> AnyView {
    let cell = |value: &Option<String>| match value {
        Some(text) => visible::line(text),
        None => keyed::absent("not there", "This event has nothing here"),
    };
    let path = if line.path.is_empty() { "(the whole)".to_owned() } else { line.path.clone() };
    view! {
        <tr class=class>
            <th scope="row" class="mono">
                {visible::line(&path)}
            </th>
            <td class="mono wrap">{cell(&line.a)}</td>
            <td class="mono wrap">{cell(&line.b)}</td>
        </tr>
    }
    .into_any()
}
