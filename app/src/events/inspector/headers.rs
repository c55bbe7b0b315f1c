use super::kept_away::{Away, NeedsRole};
use crate::{
    events::{keyed::absent, visible},
    ui::{CopyButton, format},
};
use leptos::prelude::*;
use std::collections::HashMap;
use weir_domain::{
    capture::HeaderType,
    events::{EventDetail, HeaderShown, Masked, PayloadShown, PayloadView},
};

/// Beyond this many there is no button on each: marking by hand still copies.
const WITH_BUTTONS: usize = 100;

/// Headers in the broker's order, duplicates kept.
#[component]
pub(super) fn Headers(detail: EventDetail) -> impl IntoView {
    let expired = matches!(detail.payload, Masked::Shown(PayloadShown::Expired));
    match detail.headers {
        Masked::NeedsRole { permission, roles } => {
            view! { <NeedsRole what="Reading headers" permission roles /> }.into_any()
        }
        Masked::Shown(_) if expired => view! {
            <Away icon="clock" title="The headers have expired">
                "They are kept as long as the payload; its retention has passed."
            </Away>
        }
        .into_any(),
        Masked::Shown(headers) if headers.is_empty() => {
            view! { <Away icon="check" title="The event has no headers">"Its producer sent none."</Away> }.into_any()
        }
        Masked::Shown(headers) => view! { <List headers total=detail.headers_total /> }.into_any(),
    }
}

#[component]
fn List(headers: Vec<HeaderShown>, total: u32) -> impl IntoView {
    let left_out = u64::from(total).saturating_sub(headers.len() as u64);
    let (shown, buttons) = (headers.len() as u64, headers.len() <= WITH_BUTTONS);
    let places = places(&headers);
    let rows = headers
        .into_iter()
        .zip(places)
        .map(|(h, (nth, of))| {
            let again = (of > 1).then(|| view! { <span class="tag">{format!("{nth} of {of}")}</span> });
            let no_text = (!h.name_is_text).then(|| view! { <span class="tag tag--warn">"not UTF-8"</span> });
            let amqp = (h.kind == HeaderType::Amqp).then(|| view! { <span class="tag">"AMQP"</span> });
            let copy = (buttons && h.value.is_some()).then(|| {
                let text = match &h.value {
                    Some(PayloadView::Text { text, .. }) => text.clone(),
                    Some(PayloadView::Binary { hex, .. }) => hex.clone(),
                    None => String::new(),
                };
                view! { <CopyButton text=Signal::stored(text) what=format!("value of {}", visible::plain(&h.name)) /> }
            });
            view! {
                <tr>
                    <th scope="row" class="mono">{visible::line(&h.name)} " " {again} {no_text} {amqp}</th>
                    <td class="mono">
                        <span class="ev-header">{value(h.value)} {copy}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table ev-headers">
            <caption class="vh">"Headers in the broker's order"</caption>
            <thead class="vh">
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(left_out > 0)
            .then(|| {
                view! {
                    <p class="ev-cut small soft">
                        {format!(
                            "The first {} of {} headers are shown; {} are left out here and stored all the same.",
                            format::exact(shown),
                            format::exact(total.into()),
                            format::exact(left_out),
                        )}
                    </p>
                }
            })}
    }
    .into_any()
}

fn value(value: Option<PayloadView>) -> AnyView {
    match value {
        None => absent("null", "The header is there and its value is null"),
        Some(PayloadView::Text { text, total: 0, .. }) if text.is_empty() => {
            absent("empty", "The header is there and its value has no bytes")
        }
        Some(PayloadView::Text { text, total, cut }) => {
            view! { <span class="ev-wrap">{visible::line(&text)} {more(cut, total)}</span> }.into_any()
        }
        Some(PayloadView::Binary { hex, total, cut }) => view! {
            <span class="ev-wrap">
                <span class="tag">{format!("binary, {}", format::bytes(total))}</span>
                " "
                {hex}
                {more(cut, total)}
            </span>
        }
        .into_any(),
    }
}

fn more(cut: bool, total: u64) -> Option<AnyView> {
    cut.then(|| view! { <span class="muted">{format!("… cut, {} in all", format::bytes(total))}</span> }.into_any())
}

/// For each header: the how many-th of its name it is, and of how many.
fn places(headers: &[HeaderShown]) -> Vec<(u32, u32)> {
    let mut of = HashMap::<&str, u32>::new();
    let nth: Vec<u32> = headers
        .iter()
        .map(|h| {
            let n = of.entry(&h.name).or_default();
            *n += 1;
            *n
        })
        .collect();
    headers.iter().zip(nth).map(|(h, n)| (n, of.get(h.name.as_str()).copied().unwrap_or(n))).collect()
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
            [None, text(""), text("null"), binary].into_iter().map(|v| value(v).to_html()).collect();
        assert!(html[0].contains("absent") && html[1].contains("absent") && html[0] != html[1]);
        assert!(!html[2].contains("absent"));
        assert!(html[3].contains("00ff") && html[3].contains("binary") && html[3].contains("9.0 kB"), "{}", html[3]);
    }
}
