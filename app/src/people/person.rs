use super::{
    acts::acts,
    api,
    cells::state,
    fields::{Typed, roles, text},
    grants::grants,
    invite::default_button,
};
use crate::{
    drawn::{Address, DrawnPage, Echo, done, failure, head, not_known, page, time},
    help,
    ui::{Banner, Icon, format},
};
use leptos::prelude::*;
use weir_domain::access::people::{PersonDetail, PersonShown};

const DONE: &[(&str, &str)] = &[
    ("changed", "Saved. It holds from their next request on, and on open pages within 30 s."),
    ("deactivated", "Deactivated. Their sessions have ended; open pages go quiet within 30 s."),
    ("reactivated", "Reactivated. They can sign in again."),
];

/// One person: what they may and where, and what can be done about them.
pub(crate) async fn person(id: &str, address: &Address) -> DrawnPage {
    let echo = Echo::here();
    match api::detail(id.to_owned()).await {
        Ok(Some(detail)) => page(&detail.person.name, || shown(&detail, address, &echo)),
        Ok(None) => page("Not found", help::not_found),
        Err(failure) => not_known("Person", failure),
    }
}

fn shown(detail: &PersonDetail, address: &Address, echo: &Echo) -> AnyView {
    let p = &detail.person;
    let all = view! {
        <a class="btn btn--ghost btn--sm" href="/people">
            "All people"
        </a>
    };
    view! {
        <div class="page page--text">
            {head(p.name.clone(), "", view! { <span class="row">{state(p)} {all}</span> }.into_any())}
            {done(address, DONE)} {once(p, echo)} {failure(echo)} {facts(p)} {rights(detail, echo)} {acts(detail)}
        </div>
    }
    .into_any()
}

/// The link that was just made, this once.
fn once(p: &PersonShown, echo: &Echo) -> AnyView {
    let Some(link) = echo.once.clone() else { return ().into_any() };
    let name = p.name.clone();
    let until = p.link.as_ref().map(|l| view! { " and until " {time(l.expires)} " UTC" });
    view! {
        <div role="status">
            <Banner tone="banner--ok" icon="link">
                <p>
                    <b class="strong">"Send this link to " {name} " by a way you trust."</b>
                    " It is shown only now. It works once" {until} "; whoever has it comes in as them."
                </p>
                <div class="row">
                    <input
                        class="input input--mono"
                        id="one-time-link"
                        value=link
                        readonly
                        aria-label="One-time link"
                        autocomplete="off"
                    />
                    <button type="button" class="btn btn--sm needs-script" data-copy="" aria-label="Copy the link">
                        <Icon name="copy" small=true />
                        <span>"Copy"</span>
                    </button>
                </div>
            </Banner>
        </div>
    }
    .into_any()
}

fn facts(p: &PersonShown) -> AnyView {
    let seen = p.last_seen.map_or_else(|| format::UNKNOWN.into_any(), time);
    let changed = match &p.changed {
        None => "Never".into_any(),
        Some(c) => {
            let by = c.by.as_ref().map(|by| format!(" by {by}"));
            view! { <span>{time(c.at)} {by}</span> }.into_any()
        }
    };
    let link = p.link.as_ref().map(|l| {
        let by = l.by.clone().unwrap_or_else(|| "the command line".into());
        view! {
            <dt>"Open link"</dt>
            <dd>"made " {time(l.made_at)} " by " {by} ", good until " {time(l.expires)}</dd>
        }
    });
    view! {
        <section class="panel" aria-label="Facts">
            <dl class="panel__body facts">
                <dt>"Log-in name"</dt>
                <dd class="mono">{p.login.clone()}</dd>
                <dt>"Account since"</dt>
                <dd>{time(p.made_at)}</dd>
                <dt>"Last seen"</dt>
                <dd>{seen}</dd>
                <dt>"Open sessions"</dt>
                <dd>{p.sessions.to_string()}</dd>
                <dt>"Last changed"</dt>
                <dd>{changed}</dd>
                {link}
            </dl>
        </section>
    }
    .into_any()
}

fn rights(detail: &PersonDetail, echo: &Echo) -> AnyView {
    let p = &detail.person;
    let typed = Typed::of(echo).unwrap_or_else(|| Typed::as_it_stands(p));
    let action = format!("/people/{}", p.id.0);
    let own = detail.own.then(|| {
        view! {
            <Banner icon="lock">
                "This is you. What you have you can take from yourself; more is given by another administrator."
            </Banner>
        }
    });
    view! {
        <section class="panel" aria-labelledby="rights">
            <div class="panel__head">
                <h2 class="panel__title" id="rights">
                    "Roles and grants"
                </h2>
            </div>
            <form method="post" action=action.clone() class="panel__body stack stack--lg">
                {default_button()} {own}
                <input type="hidden" name="version" value=typed.version.clone() />
                <div class="pair">{text("name", "Name", &typed.name, 120, "As others read it.")}</div>
                {roles(&typed.roles)}
                {grants(&typed.grants, &detail.places, &action)}
                <div class="row">
                    <button type="submit" class="btn btn--primary">
                        "Save"
                    </button>
                    <a class="btn btn--ghost" href=action.clone() rel="external">
                        "Discard"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
