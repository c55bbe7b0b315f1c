use super::payload::Payload;
use crate::{
    events::{hex::dump, visible},
    ui::{CopyButton, format},
};
use leptos::prelude::*;
use weir_domain::events::{Capped, EventDetail, Masked, PayloadShown};

/// The payload's bytes: as text if they are one, and in hex.
#[component]
pub(super) fn Raw(detail: EventDetail) -> impl IntoView {
    match detail.payload {
        Masked::Shown(PayloadShown::Present { text, hex, total, .. }) if total > 0 => {
            view! { <Bytes text hex total /> }.into_any()
        }
        // Nothing to show here either: the payload's tab says why.
        _ => view! { <Payload detail /> }.into_any(),
    }
}

#[component]
fn Bytes(text: Option<Capped>, hex: String, total: u64) -> impl IntoView {
    let bytes = hex.len() as u64 / 2;
    let first = if bytes < total {
        format!("first {} of {}", format::exact(bytes), format::exact(total))
    } else {
        format::exact(total)
    };
    let lines = dump(&hex)
        .into_iter()
        .map(|l| view! { <span class="muted">{l.at}</span> "  " {l.bytes} "  " <b>{l.ascii}</b> "\n" })
        .collect_view();
    let text = text.map(|text| {
        let note = if text.cut {
            format!("first {} of {}", format::bytes(text.text.len() as u64), format::bytes(total))
        } else {
            String::new()
        };
        view! {
            <section>
                <h3 class="h-sect">
                    "Text" <span class="muted ev-note">{note}</span>
                    <span class="push"></span>
                    <CopyButton text=Signal::stored(text.text.clone()) what="text" />
                </h3>
                <pre class="ev-text" tabindex="0">{visible::block(&text.text)}</pre>
            </section>
        }
    });
    view! {
        {text}
        <section>
            <h3 class="h-sect">
                "Hex" <span class="muted ev-note">{first} " bytes"</span>
                <span class="push"></span>
                <CopyButton text=Signal::stored(hex) what="hex" />
            </h3>
            <pre class="hex" tabindex="0">{lines}</pre>
        </section>
    }
    .into_any()
}
