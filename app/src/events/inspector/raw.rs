use super::payload::{payload, text_block};
use crate::{
    events::hex::dump,
    ui::{CopyButton, format},
};
use leptos::prelude::*;
use weir_domain::events::{EventDetail, Masked, PayloadShown};

/// The payload's bytes in hex, and their text, with how it was read: unpacked, it is not what the bytes say.
pub(super) fn raw(detail: &EventDetail) -> AnyView {
    let Masked::Shown(PayloadShown::Present { how, text, hex, total: total @ 1.., .. }) = &detail.payload else {
        // Nothing to show here either: the payload's own view says why.
        return payload(detail);
    };
    let text = text.as_ref().map(|text| {
        let shown = format::bytes(text.text.len() as u64);
        let note = match text.cut {
            true => format!("{how}, first {shown} of {}", format::bytes(text.total)),
            false => how.clone(),
        };
        section("Text", note, text.text.clone(), text_block(&text.text))
    });
    let shown = hex.len() as u64 / 2;
    let note = match shown < *total {
        true => format!("first {} of {} bytes", format::exact(shown), format::exact(*total)),
        false => format::count(*total, "byte", "bytes"),
    };
    let mut places = String::new();
    let mut bytes = String::new();
    let mut ascii = String::new();
    for line in dump(hex) {
        places.push_str(&line.at);
        places.push('\n');
        bytes.push_str(&line.bytes);
        bytes.push('\n');
        ascii.push_str(&line.ascii);
        ascii.push('\n');
    }
    let columns = view! {
        <div class="hex" tabindex="0" role="group" aria-label="Hex dump">
            <pre class="muted">{places}</pre>
            <pre>{bytes}</pre>
            <pre class="hex__text">{ascii}</pre>
        </div>
    };
    let hex = section("Hex", note, hex.clone(), columns.into_any());
    view! {
        {text}
        {hex}
    }
    .into_any()
}

fn section(title: &'static str, note: String, copied: String, body: AnyView) -> AnyView {
    let what = format::lower_case(title);
    view! {
        <section>
            <h3 class="h-sect">
                {title} <span class="muted ev-note">{note}</span> <span class="push"></span>
                <CopyButton text=Signal::stored(copied) what=what />
            </h3>
            {body}
        </section>
    }
    .into_any()
}
