//! What is read of a source, and how far Weir may go there.

use super::{
    fields::{Line, area, choice, line, part, tick},
    values::Values,
};
use leptos::prelude::*;

pub fn capture(values: &Values, number: u8) -> AnyView {
    let body = view! {
        {choice(
            values,
            "capture",
            "At most this is stored of an event",
            &[
                ("full", "Everything", "key, headers and payload as they are"),
                ("metadata", "Metadata", "time, type and size; no key, no headers, no payload"),
                ("off", "Nothing", "it is not read at all"),
            ],
        )}
        {choice(
            values,
            "act",
            "At most this may be done at the broker",
            &[
                ("none", "Nothing", "Weir reads, whatever anybody's role says"),
                ("offsets", "Positions of groups", "reset them"),
                ("replay", "Positions and replay", "send events again"),
            ],
        )}
        {area(
            values,
            "channels",
            "Channels",
            "Names or patterns, one a line; * stands for any characters. What none includes is listed and counted, never stored.",
            3,
        )}
        {tick(values, "read_only", "Never write to this broker, whatever is set above and whatever roles say")}
        {tick(values, "include_internal", "Patterns reach the broker's own channels too (__consumer_offsets)")}
    };
    part(number, "What may be stored, and done?", body.into_any())
}

pub fn start(values: &Values, number: u8) -> AnyView {
    let body = view! {
        {choice(
            values,
            "start",
            "Begin with",
            &[
                ("latest", "What comes from now on", "nothing older is read"),
                ("earliest", "The oldest event there is", "look at the preview first: it says how much that is"),
                ("time", "A moment", "the first event at or after it"),
            ],
        )}
        <div class="only only--time stack stack--lg">
            {line(
                values,
                "start_time",
                "From (UTC)",
                Line { kind: "datetime-local", ..Line::default() },
            )}
        </div>
        {line(
            values,
            "catch_up",
            "Cap for reading older events, MB/s",
            Line { kind: "number", hint: "What catching up may take from the broker. Empty: no cap.", ..Line::default() },
        )}
        <details>
            <summary class="small soft">"Types of events without CloudEvents"</summary>
            <div class="stack stack--lg details__body">
                {line(
                    values,
                    "type_header",
                    "Header that names the type",
                    Line { hint: "Optional, as event-type.", mono: true, ..Line::default() },
                )}
                {line(
                    values,
                    "type_field",
                    "Field of JSON payloads that names it",
                    Line { hint: "Optional, a dotted path as meta.type; looked at after the header.", mono: true, ..Line::default() },
                )}
            </div>
        </details>
    };
    part(number, "Where does reading begin?", body.into_any())
}
