use super::api;
use crate::{
    drawn::{Address, DrawnPage, Echo, failure, head, not_known, page},
    people::may,
    ui::Banner,
};
use leptos::prelude::*;
use weir_domain::access::{Permission, Role, people::AccountShown};

/// Asks for a role: `?role=` the one that is offered first, `?for=` the permission that was missing, `?at=` where.
pub(crate) async fn ask(address: &Address) -> DrawnPage {
    let echo = Echo::here();
    match api::account().await {
        Ok(account) => page("Ask for access", || form(&account, address, &echo)),
        Err(failure) => not_known("Ask for access", failure),
    }
}

fn form(account: &AccountShown, address: &Address, echo: &Echo) -> AnyView {
    let of = |name: &str| echo.typed(name).unwrap_or_else(|| address.value(name)).to_owned();
    let (wanted, at) = (of("role"), of("at"));
    let needed = Permission::parse(&of("for"));
    let missing = |role: &&Role| !account.roles.contains(role) && needed.is_none_or(|p| role.allows(p));
    let offered: Vec<Role> = Role::ALL.iter().filter(missing).copied().collect();
    let first = Role::parse(&wanted).filter(|r| offered.contains(r)).or_else(|| offered.first().copied());
    let have = needed.filter(|p| account.roles.iter().any(|r| r.allows(*p)));
    let body = match (have, offered.is_empty()) {
        (Some(p), _) => told(format!("You have {} already. Open the page again: it is there now.", p.as_str())),
        (None, true) => told("You have every role that there is.".into()),
        (None, false) => fields(&offered, first, needed, &at, &of("reason")),
    };
    let why = needed.map(|p| format!("for {}", p.as_str())).unwrap_or_default();
    view! {
        <div class="page page--text">
            {head("Ask for access", why, ().into_any())} {failure(echo)}
            <section class="panel" aria-label="Request">
                {body}
            </section>
        </div>
    }
    .into_any()
}

fn told(words: String) -> AnyView {
    view! {
        <div class="panel__body">
            <Banner icon="check">{words}</Banner>
        </div>
    }
    .into_any()
}

fn fields(offered: &[Role], first: Option<Role>, needed: Option<Permission>, at: &str, reason: &str) -> AnyView {
    let roles = offered.iter().map(|role| {
        view! {
            <label class="role">
                <input type="radio" name="role" value=role.as_str() checked=first == Some(*role) required />
                <b class="med">{role.as_str()}</b>
                <span class="soft">{may(*role)}</span>
            </label>
        }
    });
    view! {
        <form method="post" action="/account/ask" class="panel__body stack stack--lg">
            <input type="hidden" name="for" value=needed.map(Permission::as_str) />
            <input type="hidden" name="at" value=at.to_owned() />
            <fieldset class="fieldset">
                <legend class="field__label">"Role"</legend>
                <div class="roles">{roles.collect_view()}</div>
            </fieldset>
            <div class="field">
                <label for="reason">"What for"</label>
                <textarea class="area" id="reason" name="reason" rows="3" maxlength="500" required>
                    {reason.to_owned()}
                </textarea>
                <span class="field__hint">
                    "A sentence is enough. Administrators of this Weir see it on their page; write no personal data and no event's content."
                </span>
            </div>
            <div class="row">
                <button type="submit" class="btn btn--primary">
                    "Ask"
                </button>
                <span class="small muted">
                    "The answer appears under Your account. Which channels you see is a matter of grants: say here which ones you need."
                </span>
            </div>
        </form>
    }
    .into_any()
}
