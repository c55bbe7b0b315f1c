use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, head},
    events::{line, visible},
    help,
    ui::{Empty, ErrorPanel, Icon},
};
use leptos::prelude::*;
use weir_domain::{EventId, access::Permission, links::EventLink};

const TITLE: &str = "Where its values lead";

/// `/event-links/{id}`; with `part=1` the part of an inspector: nothing where nothing leads anywhere.
pub(crate) async fn of_event(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let part = address.given("part").is_some();
    let found = match id.parse::<EventId>() {
        Ok(id) => asked(cx, id, address).await,
        Err(_) => Ok(None),
    };
    let edits = cx.caller.as_ref().is_some_and(|c| c.roles.iter().any(|r| r.allows(Permission::PoliciesEdit)));
    let moves = cx.caller.as_ref().is_some_and(|c| c.may(Permission::LagReset));
    drawn::page(TITLE, || match (found, part) {
        (Ok(Some(links)), true) => {
            let links = if links.is_empty() { ().into_any() } else { list(&links) };
            view! { {links} {moves.then(|| here(id))} }.into_any()
        }
        // The inspector says that there is no such event.
        (Ok(None), true) => ().into_any(),
        (Ok(Some(links)), false) => whole(id, &links, edits),
        (Ok(None), false) => help::not_found(),
        (Err(failure), _) => view! { <ErrorPanel failure /> }.into_any(),
    })
}

async fn asked(cx: &RequestContext, id: EventId, address: &Address) -> Result<Option<Vec<EventLink>>, Failure> {
    let caller = cx.caller_in(address.environment())?;
    cx.told(cx.cases.events.links(&caller, id).await)
}

/// Where somebody who found an event goes on from it.
fn here(id: &str) -> AnyView {
    view! {
        <p class="small">
            <a href=format!("/lag?event={id}")>"Move a consumer group here…"</a>
        </p>
    }
    .into_any()
}

fn whole(id: &str, links: &[EventLink], edits: bool) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=format!("/events/{id}")>
            "The event"
        </a>
    };
    let body = match links.is_empty() {
        true => view! {
            <Empty title="Its values lead nowhere">
                <p>"No link template is for this channel, or none finds a value that you may see."</p>
            </Empty>
        }
        .into_any(),
        false => view! { <div class="panel__body">{list(links)}</div> }.into_any(),
    };
    let edit = edits.then(|| view! { <a href="/links/templates">"Link templates"</a> });
    view! {
        <div class="page page--text">
            {head(TITLE, "in other systems", back.into_any())} <section class="panel" aria-label=TITLE>
                {body}
            </section>
            <p class="small">{edit}</p>
        </div>
    }
    .into_any()
}

/// The host is in sight, so that nobody follows a link without knowing where it leads.
pub(super) fn list(links: &[EventLink]) -> AnyView {
    let lines = links.iter().map(|link| {
        view! {
            <li>
                <span class="mono muted">{line(&link.field)}</span>
                " "
                <span class="mono">{line(&link.value)}</span>
                " "
                <a href=link.url.clone() rel="noopener noreferrer" target="_blank">
                    {visible::plain(&link.name)}
                    " · "
                    {visible::plain(&link.host)}
                    <Icon name="link" small=true />
                </a>
            </li>
        }
    });
    view! { <ul class="links-of" aria-label=TITLE>{lines.collect_view()}</ul> }.into_any()
}
