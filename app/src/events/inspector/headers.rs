use super::kept_away::{absent as gone, away, needs_role};
use crate::{
    events::{keyed::absent, visible},
    ui::{CopyButton, format, order},
};
use leptos::prelude::*;
use weir_domain::{
    capture::HeaderType,
    events::{EventDetail, HeaderShown, Masked, PayloadView},
};

/// Beyond this many there is no button on each: marking by hand still copies.
const WITH_BUTTONS: u64 = 100;

/// Headers in the broker's order, duplicates kept.
pub(super) fn headers(detail: &EventDetail) -> AnyView {
    if detail.row.absent.is_some() {
        return gone(detail.row.id);
    }
    match &detail.headers {
        Masked::NeedsRole { permission, roles } => needs_role("Reading headers", permission, roles),
        Masked::Shown(headers) if headers.is_empty() => {
            away("check", "The event has no headers", "Its producer sent none.")
        }
        Masked::Shown(headers) => list(headers, detail.headers_total),
    }
}

fn list(headers: &[HeaderShown], total: u32) -> AnyView {
    let shown = headers.len() as u64;
    let left_out = u64::from(total).saturating_sub(shown);
    let rows: Vec<AnyView> = headers.iter().zip(places(headers)).map(|(h, place)| row(h, place, shown)).collect();
    let cut = (left_out > 0).then(|| {
        let words = format!(
            "The first {} of {} headers are shown; {} are left out here and stored all the same.",
            format::exact(shown),
            format::exact(total.into()),
            format::exact(left_out),
        );
        view! { <p class="ev-cut small soft">{words}</p> }.into_any()
    });
    view! {
        <table class="table ev-headers">
            <caption class="vh">"Headers in the broker's order"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {cut}
    }
    .into_any()
}

fn row(h: &HeaderShown, (nth, of): (u32, u32), shown: u64) -> AnyView {
    let mut tags = Vec::new();
    if of > 1 {
        tags.push(tag("tag", format!("{nth} of {of}")));
    }
    if !h.name_is_text {
        tags.push(tag("tag tag--warn", "not UTF-8".into()));
    }
    if h.kind == HeaderType::Amqp {
        tags.push(tag("tag", "AMQP".into()));
    }
    let text = match &h.value {
        Some(PayloadView::Text { text, .. }) => Some(text.clone()),
        Some(PayloadView::Binary { hex, .. }) => Some(hex.clone()),
        None => None,
    };
    let copy = text.filter(|_| shown <= WITH_BUTTONS).map(|text| {
        let what = format!("value of {}", visible::plain(&h.name));
        view! { <CopyButton text=Signal::stored(text) what=what /> }.into_any()
    });
    view! {
        <tr>
            <th scope="row" class="mono">
                {visible::line(&h.name)}
                {tags}
            </th>
            <td class="mono">
                <span class="ev-header">{value(h.value.as_ref())} {copy}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn tag(class: &'static str, word: String) -> AnyView {
    view! {
        " "
        <span class=class>{word}</span>
    }
    .into_any()
}

fn value(value: Option<&PayloadView>) -> AnyView {
    match value {
        None => absent("null", "The header is there and its value is null"),
        Some(PayloadView::Text { text, total: 0, .. }) if text.is_empty() => {
            absent("empty", "The header is there and its value has no bytes")
        }
        Some(PayloadView::Text { text, total, cut }) => {
            view! { <span class="ev-wrap">{visible::line(text)} {more(*cut, *total)}</span> }.into_any()
        }
        Some(PayloadView::Binary { hex, total, cut }) => {
            let kind = tag("tag", format!("binary, {}", format::bytes(*total)));
            view! { <span class="ev-wrap">{kind} " " {hex.clone()} {more(*cut, *total)}</span> }.into_any()
        }
    }
}

fn more(cut: bool, total: u64) -> Option<AnyView> {
    let words = format!("… cut, {} in all", format::bytes(total));
    cut.then(|| view! { <span class="muted">{words}</span> }.into_any())
}

/// For each header: the how many-th of its name it is, and of how many.
fn places(headers: &[HeaderShown]) -> Vec<(u32, u32)> {
    let by_name = order(headers.len(), &|a, b| headers[a].name.cmp(&headers[b].name));
    let mut places = vec![(0, 0); headers.len()];
    for same in by_name.chunk_by(|a, b| headers[*a].name == headers[*b].name) {
        for (n, header) in (1..).zip(same) {
            places[*header] = (n, same.len() as u32);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: Option<PayloadView>) -> HeaderShown {
        HeaderShown { name: name.into(), name_is_text: true, kind: HeaderType::Bytes, value }
    }

    #[test]
    fn duplicates_are_numbered() {
        let names = ["a", "b", "a", "a"].map(|n| header(n, None));
        assert_eq!(places(&names), [(1, 3), (1, 1), (2, 3), (3, 3)]);
    }

    #[test]
    fn null_empty_and_binary_values_differ() {
        let text = |t: &str| Some(PayloadView::Text { text: t.into(), total: t.len() as u64, cut: false });
        let binary = Some(PayloadView::Binary { hex: "00ff".into(), total: 9000, cut: true });
        let html: Vec<String> =
            [None, text(""), text("null"), binary].into_iter().map(|v| value(v.as_ref()).to_html()).collect();
        assert!(html[0].contains("absent") && html[1].contains("absent") && html[0] != html[1]);
        assert!(!html[2].contains("absent"));
        assert!(html[3].contains("00ff") && html[3].contains("binary") && html[3].contains("9.0 kB"), "{}", html[3]);
    }
}
