use super::words::{of_what, pill, wherever};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, head, time},
    events::line,
    ui::{Empty, format},
};
use leptos::prelude::*;
use weir_domain::erasures::{Erasure, MOST_SHOWN};

const TITLE: &str = "Erasures";

/// The page at `/erasures`.
pub(crate) async fn list(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.erasures.list(&caller).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(all) => drawn::page(TITLE, || shown(&all)),
        Err(failure) => drawn::not_known(TITLE, failure),
    }
}

fn shown(all: &[Erasure]) -> AnyView {
    let acts = view! {
        <div class="row">
            <a class="btn" href="/holds">
                "Holds"
            </a>
            <a class="btn btn--primary" href="/erasures/new">
                "Ask for an erasure"
            </a>
        </div>
    };
    let body = match all {
        [] => view! {
            <Empty title="Nobody has asked for an erasure">
                <p>"An erasure takes key, headers and payload out of stored events. One person asks, a second one approves."</p>
            </Empty>
        }
        .into_any(),
        all => table(all),
    };
    view! {
        <div class="page">
            {head(TITLE, "what was taken out of the store, by whom and why", acts.into_any())}
            <section class="panel" aria-label=TITLE>
                {body}
            </section>
        </div>
    }
    .into_any()
}

fn table(all: &[Erasure]) -> AnyView {
    let rows = all.iter().map(row).collect_view();
    let more = (all.len() as u32 >= MOST_SHOWN).then(|| {
        view! { <p class="panel__foot">{format!("The {MOST_SHOWN} that were asked for last are listed.")}</p> }
    });
    view! {
        <div class="tablewrap">
            <table class="table table--two">
                <thead>
                    <tr>
                        <th scope="col">"Erasure"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="num">"Erased"</th>
                        <th scope="col">"Asked"</th>
                        <th scope="col" class="hide-m">"Decided"</th>
                        <th scope="col" class="hide-m">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {more}
    }
    .into_any()
}

fn row(request: &Erasure) -> AnyView {
    let by = request.decided_name.as_deref().map(line);
    let erased = match request.decided_at {
        Some(_) => format::exact(request.erased),
        None => format::UNKNOWN.to_owned(),
    };
    view! {
        <tr>
            <th scope="row">
                <div class="stack">
                    <a href=format!("/erasures/{}", request.id.0)>{format!("Of {}", of_what(request.kind))}</a>
                    <span class="small muted">{format!("in {}", wherever(request))}</span>
                </div>
            </th>
            <td>{pill(request.state)}</td>
            <td class="num">{erased}</td>
            <td>
                <div class="stack">{line(&request.asked_name)} {time(request.asked_at)}</div>
            </td>
            <td class="hide-m">
                <div class="stack">{by} {request.decided_at.map(time)}</div>
            </td>
            <td class="hide-m wrap">{line(&request.reason)}</td>
        </tr>
    }
    .into_any()
}
