//! One's own account, and asking for access. Drawn by the server alone.

mod api;
mod ask;
mod asked;
mod password;
mod rights;
mod sessions;

pub(crate) use ask::ask;

use crate::{
    drawn::{Address, DrawnPage, Echo, done, failure, head, not_known, page},
    people::text,
};
use leptos::prelude::*;
use weir_domain::access::people::{AccountShown, SessionShown};

const DONE: &[(&str, &str)] = &[
    ("renamed", "Saved."),
    ("password", "Your password is changed. Every other session of yours has ended."),
    ("ended", "Ended. What was open there is signed out within 30 s."),
    ("asked", "Asked. Administrators see it under People; the answer appears below."),
];

/// Who one is, what one may, and where one is signed in.
pub(crate) async fn account(address: &Address) -> DrawnPage {
    let echo = Echo::here();
    match (api::account().await, api::sessions().await) {
        (Ok(account), Ok(sessions)) => page("Your account", || shown(&account, &sessions, address, &echo)),
        (Err(failure), _) | (_, Err(failure)) => not_known("Your account", failure),
    }
}

fn shown(account: &AccountShown, sessions: &[SessionShown], address: &Address, echo: &Echo) -> AnyView {
    view! {
        <div class="page page--text">
            {head("Your account", account.login.clone(), ().into_any())} {done(address, DONE)} {failure(echo)}
            {name(account, echo)} {rights::rights(account)} {asked::asked(account)} {password::password(account)}
            {sessions::sessions(sessions)} {programs()}
        </div>
    }
    .into_any()
}

/// The way to what programs sign in with.
fn programs() -> AnyView {
    view! {
        <section class="panel" aria-labelledby="programs">
            <div class="panel__head">
                <h2 class="panel__title" id="programs">
                    "Programs"
                </h2>
            </div>
            <p class="panel__body">
                <a href="/account/tokens">"Access tokens"</a>
                " let scripts and the command line read what you may read, until they run out."
            </p>
        </section>
    }
    .into_any()
}

fn name(account: &AccountShown, echo: &Echo) -> AnyView {
    let typed = echo.typed("name").unwrap_or(&account.name);
    view! {
        <section class="panel" aria-labelledby="you">
            <div class="panel__head">
                <h2 class="panel__title" id="you">
                    "You"
                </h2>
            </div>
            <form method="post" action="/account/name" class="panel__body stack stack--lg">
                <div class="pair">{text("name", "Name", typed, 120, "As others read it.")}</div>
                <div>
                    <button type="submit" class="btn">
                        "Save the name"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
