use super::differences::{Line, lines, paired};
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
            Masked::NeedsRole { .. } => "hidden".to_owned(),
            Masked::Shown(None) => "null".to_owned(),
            Masked::Shown(Some(_)) => keyed::whole(&row.key).unwrap_or_else(|| "too long to compare".into()),
        };
        [
            ("Type", row.event_type.clone()),
            ("Channel", row.channel_name.clone()),
            ("Source", row.source_name.clone()),
            ("Partition", row.partition_number.to_string()),
            ("Key", key),
            ("Size", format::bytes(row.size)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    };
    paired(of(a), of(b))
}

fn headers(a: &EventDetail, b: &EventDetail) -> AnyView {
    match (&a.headers, &b.headers) {
        (Masked::Shown(a), Masked::Shown(b)) => group("Headers", paired(header_lines(a), header_lines(b))),
        _ => words("Headers", "Hidden: your roles do not show headers."),
    }
}

fn header_lines(headers: &[HeaderShown]) -> Vec<(String, String)> {
    let value = |h: &HeaderShown| match &h.value {
        None => "null".to_owned(),
        Some(PayloadView::Text { text, cut, .. }) => format!("\"{text}\"{}", if *cut { "…" } else { "" }),
        Some(PayloadView::Binary { hex, cut, .. }) => format!("hex:{hex}{}", if *cut { "…" } else { "" }),
    };
    headers.iter().map(|h| (h.name.clone(), value(h))).collect()
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
        (Masked::Shown(a), Masked::Shown(b)) => match a == b {
            true => words("Payload", "Equal."),
            false => words("Payload", "Different, and not both a document whose fields could be compared."),
        },
        _ => words("Payload", "Hidden: your roles do not show payloads."),
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
    let (same, different): (Vec<_>, Vec<_>) = all.into_iter().partition(Line::same);
    let count = match (different.len(), same.len()) {
        (0, 0) => "none".to_owned(),
        (0, n) => format!("all {n} equal"),
        (n, same) => format!("{n} different, {same} equal"),
    };
    let rows = different.iter().map(|l| row(l, "compare__differs")).chain(same.iter().map(|l| row(l, "compare__same")));
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
