use super::{
    fields::{Typed, roles, text},
    grants::grants,
};
use crate::drawn::{DrawnPage, Echo, failure, head, not_known, page};
use leptos::prelude::*;
use weir_domain::access::people::Places;

const ACTION: &str = "/people/new";

/// The form that invites somebody.
pub(crate) async fn invite() -> DrawnPage {
    let echo = Echo::here();
    match places().await {
        Ok(places) => page("Invite somebody", || form(&echo, &places)),
        Err(failure) => not_known("Invite somebody", failure),
    }
}

async fn places() -> Result<Places, crate::Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.people.places(&cx.caller()?).await)
}

fn form(echo: &Echo, places: &Places) -> AnyView {
    let typed = Typed::of(echo).unwrap_or_else(Typed::fresh);
    view! {
        <div class="page page--text">
            {head("Invite somebody", "they choose their password by a one-time link", ().into_any())} {failure(echo)}
            <section class="panel" aria-label="Invitation">
                <form method="post" action=ACTION class="panel__body stack stack--lg">
                    {default_button()}
                    <div class="pair">
                        {text("name", "Name", &typed.name, 120, "As others read it; they can change it.")}
                        {text("login", "Log-in name", &typed.login, 64, "Letters, digits or . _ - + @. It stays.")}
                    </div>
                    {roles(&typed.roles)}
                    {grants(&typed.grants, places, ACTION)}
                    <div class="row">
                        <button type="submit" class="btn btn--primary">
                            "Invite and show the link"
                        </button>
                        <a class="btn btn--ghost" href="/people">
                            "Cancel"
                        </a>
                    </div>
                </form>
            </section>
        </div>
    }
    .into_any()
}

/// What Enter in a field presses: browsers take the form's first button, which must not be one that removes a row.
pub(crate) fn default_button() -> AnyView {
    view! { <button type="submit" class="vh" tabindex="-1" aria-hidden="true"></button> }.into_any()
}
