use crate::{env::use_env, ui::varying};
use leptos::prelude::*;

/// The way to the first source.
#[component]
pub(crate) fn HowToConnect() -> impl IntoView {
    let env = use_env();
    view! {
        <a class="btn btn--primary" href=varying(move || env.link("/help#connect"))>
            "How to connect a source"
        </a>
    }
    .into_any()
}

/// How a source comes into being.
#[component]
pub(super) fn Connect() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="connect">
            <div class="panel__head">
                <h2 class="panel__title" id="connect">
                    "Connect a source"
                </h2>
            </div>
            <ol class="panel__body steps">
                <li>
                    "Add it to " <code>"weir.toml"</code>
                    ": its addresses, its environment, which channels to include and how far Weir may go. The README and "
                    <code>"weir check"</code> " show every key with an example."
                </li>
                <li>
                    "Run " <code>"weir check"</code>
                    ": it tells every mistake at once, with line, what was expected and an example."
                </li>
                <li>
                    "Start Weir again. The source appears under Sources within seconds; new channels and partitions are picked up within 30 s."
                </li>
            </ol>
            <p class="panel__foot">
                "Reading starts at the newest event unless the source says otherwise. Weir needs permission to read and describe; it writes nothing."
            </p>
        </section>
    }
    .into_any()
}
