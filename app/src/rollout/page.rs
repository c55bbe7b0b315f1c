use super::acls::commands;
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage},
    ui::{ErrorPanel, SourceBadge},
};
use leptos::prelude::*;
use weir_domain::sources::SourceShown;

/// A step of the way, from the least to the most.
struct Step {
    title: &'static str,
    what: &'static str,
    /// Lines of `weir.toml`, or a command. Sources made in the browser have the same keys as fields.
    how: &'static str,
    /// Rights it needs: `None` where none is needed, else whether it reads.
    reads: Option<bool>,
    cost: &'static str,
    back: &'static str,
}

const STEPS: [Step; 5] = [
    Step {
        title: "Estimate",
        what: "Ask the broker what capturing would cost. Sizes come from a small sample that is read and thrown away; nothing is stored, no group appears.",
        how: "weir estimate --config weir.toml",
        reads: Some(true),
        cost: "One short read of at most 32 MB for each source.",
        back: "Nothing to take back.",
    },
    Step {
        title: "Topology only",
        what: "The source is known and listed, nothing of its events is read.",
        how: "capture = \"off\"\nact = \"none\"",
        reads: Some(false),
        cost: "No reading. Nothing on disk.",
        back: "Remove the source: from weir.toml, or under Edit on its page.",
    },
    Step {
        title: "Metadata of named channels",
        what: "Times, types and sizes of events; neither keys nor headers nor payloads reach the disk.",
        how: "capture = \"metadata\"\nchannels = [\"order.*\", \"payment.failed\"]",
        reads: Some(true),
        cost: "One more reader's traffic. About 200 bytes an event on disk.",
        back: "capture = \"off\" stops reading with the restart (of a source made in the browser: within 10 s); what is there goes with its retention.",
    },
    Step {
        title: "Payloads in staging",
        what: "Everything of one environment that holds no customer's data, to learn with.",
        how: "environment = \"staging\"\ncapture = \"full\"",
        reads: Some(true),
        cost: "As estimated; about half of the raw bytes with metadata for 30 and payloads for 7 days' worth of a day.",
        back: "capture = \"metadata\": new payloads are no longer kept, older ones go with their retention.",
    },
    Step {
        title: "More",
        what: "Payloads of named production channels, then patterns. Give people roles per channel first: support sees payloads, viewers do not.",
        how: "environment = \"production\"\ncapture = \"full\"\nchannels = [\"order.*\", \"payment.*\"]",
        reads: Some(true),
        cost: "As estimated. A cap keeps catching up from taking more than you allow: catch_up_bytes_per_s.",
        back: "Pause acts within a second. Narrower channels or a lower capture hold from the restart on, and within 10 s for a source made in the browser.",
    },
];

/// The way, and where each source stands on it.
pub(crate) async fn rollout(cx: &RequestContext, address: &Address) -> DrawnPage {
    let sources = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.sources.list(&caller).await),
        Err(failure) => Err(failure),
    };
    drawn::page("Rolling out", || {
        let standing = match sources {
            Ok(found) => standing(&found.sources),
            Err(failure) => view! { <ErrorPanel failure /> }.into_any(),
        };
        let steps = STEPS.iter().enumerate().map(|(i, step)| section(i + 1, step)).collect_view();
        view! {
            <div class="page page--text">
                {drawn::head("Rolling out", "from nothing to payloads, each step with its way back", ().into_any())}
                {standing} {steps}
            </div>
        }
        .into_any()
    })
}

/// Which step a source has reached, by its ceiling.
fn reached(source: &SourceShown) -> &'static str {
    match (source.capture.as_str(), source.production) {
        ("off", _) => "2 · topology only",
        ("metadata", _) => "3 · metadata",
        (_, false) => "4 · payloads outside production",
        (_, true) => "5 · payloads in production",
    }
}

fn standing(sources: &[SourceShown]) -> AnyView {
    let rows = sources
        .iter()
        .map(|s| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/sources/{}", s.id)>
                            <SourceBadge kind=s.kind.clone() name=s.name.clone() />
                        </a>
                    </th>
                    <td>{s.environment_name.clone()}</td>
                    <td>{reached(s)}</td>
                    <td>{format!("act {}", s.act)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="standing">
            <div class="panel__head">
                <h2 class="panel__title" id="standing">
                    "Where your sources stand"
                </h2>
            </div>
            <div class="tablewrap">
                <table class="table" hidden=sources.is_empty()>
                    <thead>
                        <tr>
                            <th scope="col">"Source"</th>
                            <th scope="col">"Environment"</th>
                            <th scope="col">"Step"</th>
                            <th scope="col">"May change"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="panel__body soft" hidden=!sources.is_empty()>
                "No source yet: begin with step 1."
            </p>
        </section>
    }
    .into_any()
}

fn section(number: usize, step: &Step) -> AnyView {
    let id = format!("step-{number}");
    let rights = step.reads.map(|reads| {
        let example = ["order.*".to_owned(), "payment.failed".to_owned()];
        let acls = commands("User:weir", &example, reads);
        view! {
            <dt>"Rights it needs"</dt>
            <dd>
                {if reads { "Describe on the cluster, Describe and Read on the topics." } else { "Describe on the cluster and the topics." }}
                {drawn::copied(&acls, "commands")}
            </dd>
        }
    });
    view! {
        <section class="panel" aria-labelledby=format!("step-{number}")>
            <div class="panel__head">
                <h2 class="panel__title" id=id>
                    {format!("{number}. {}", step.title)}
                </h2>
            </div>
            <div class="panel__body">
                <p>{step.what}</p>
                <pre class="code">{step.how}</pre>
                <dl class="meanings">
                    {rights} <dt>"What it costs"</dt> <dd>{step.cost}</dd> <dt>"The way back"</dt>
                    <dd>{step.back}</dd>
                </dl>
            </div>
        </section>
    }
    .into_any()
}
