use super::words;
use crate::drawn::Echo;
use leptos::prelude::*;
use weir_domain::access::{Caller, Role};

/// How long a token lives if nothing else is chosen.
const DAYS: &str = "90";

/// The form for a new token; with what was typed, if it could not be carried out.
pub(super) fn create(caller: &Caller, echo: &Echo) -> AnyView {
    let sent = echo.failure.is_some();
    let name = echo.typed("name").unwrap_or_default().to_owned();
    let days = echo.typed("days").unwrap_or(DAYS).to_owned();
    // The least that is of use; more is a choice.
    let least = if caller.roles.contains(&Role::Viewer) { Some(Role::Viewer) } else { caller.roles.first().copied() };
    let roles = caller
        .roles
        .iter()
        .map(|role| {
            let chosen = if sent { echo.all("role").any(|r| r == role.as_str()) } else { Some(*role) == least };
            view! {
                <label class="check check--line">
                    <input type="checkbox" name="role" value=role.as_str() checked=chosen />
                    <span>
                        <b class="med">{role.as_str()}</b>
                        " "
                        <span class="muted">{words::of(*role)}</span>
                    </span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="new-token">
            <div class="panel__head">
                <h2 class="panel__title" id="new-token">
                    "New token"
                </h2>
            </div>
            <form class="panel__body stack stack--lg token-form" method="post" action="/account/tokens">
                <div class="field">
                    <label for="token-name">"Name"</label>
                    <input
                        class="input"
                        id="token-name"
                        name="name"
                        value=name
                        required
                        maxlength="80"
                        autocomplete="off"
                        placeholder="nightly report"
                        aria-describedby="token-name-hint"
                    />
                    <span class="field__hint" id="token-name-hint">
                        "After the program that will use it."
                    </span>
                </div>
                <div class="field">
                    <label for="token-days">"Expires after days"</label>
                    <input
                        class="input input--short"
                        id="token-days"
                        name="days"
                        type="number"
                        value=days
                        min="1"
                        max="366"
                        required
                        aria-describedby="token-days-hint"
                    />
                    <span class="field__hint" id="token-days-hint">
                        "1 to 366. A token that never ends is one that nobody misses when it is stolen."
                    </span>
                </div>
                <fieldset class="field fieldset">
                    <legend class="field__label">"May"</legend>
                    {roles}
                </fieldset>
                <div>
                    <button type="submit" class="btn btn--primary">
                        "Make the token"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
