use crate::drawn::head;
use leptos::prelude::*;
use weir_cases::events::{CALLABLE, EXPRESSION_FIELDS, Written};

/// The page at `/expressions`: every name that an expression knows. The query bar's own script reads them from here and
/// offers them behind `cel:` (`js/expressions.js`).
pub(crate) fn expressions() -> AnyView {
    let fields = EXPRESSION_FIELDS.iter().map(|(name, what)| {
        let (name, what) = (*name, *what);
        view! {
            <dt class="mono" data-cel="field" data-name=name data-what=what>
                {name}
            </dt>
            <dd>{what}</dd>
        }
    });
    let callable = CALLABLE.iter().map(|of| {
        let kind = match of.written {
            Written::Before => "before",
            Written::Behind => "behind",
            Written::Either => "before behind",
        };
        let mut address = String::from("/events?q=");
        crate::events::encode(&format!("cel: {}", of.example), &mut address);
        view! {
            <dt class="mono" data-cel=kind data-name=of.name data-what=of.what>
                {of.name}
            </dt>
            <dd>{of.what} ", as in " <a class="mono" href=address>{of.example}</a></dd>
        }
    });
    let back = view! {
        <a class="btn btn--ghost btn--sm" href="/help#cel">
            "Help"
        </a>
    };
    view! {
        <div class="page page--text">
            {head("Names in expressions", "what can stand behind cel: in the query bar", back.into_any())}
            <section class="panel" aria-labelledby="fields">
                <div class="panel__head">
                    <h2 class="panel__title" id="fields">
                        "What an event has"
                    </h2>
                    <span class="panel__note">"any other name is a member of the payload"</span>
                </div>
                <dl class="panel__body meanings">{fields.collect_view()}</dl>
            </section>
            <section class="panel" aria-labelledby="callable">
                <div class="panel__head">
                    <h2 class="panel__title" id="callable">
                        "What can be called"
                    </h2>
                </div>
                <dl class="panel__body meanings meanings--wide">{callable.collect_view()}</dl>
            </section>
        </div>
    }
    .into_any()
}
