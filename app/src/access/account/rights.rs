use crate::people::{grant_words, may};
use leptos::prelude::*;
use weir_domain::access::people::AccountShown;

/// One's own roles and grants in words.
pub(super) fn rights(account: &AccountShown) -> AnyView {
    let roles = account.roles.iter().map(|r| {
        view! {
            <li>
                <b class="med">{r.as_str()}</b>
                ": "
                {may(*r)}
            </li>
        }
    });
    let grants = account.grants.iter().map(|g| view! { <li>{grant_words(g)}</li> });
    let no_role = account.roles.is_empty().then_some("You have no role: an administrator can give you one.");
    let no_grant = account.grants.is_empty().then_some("No channel: an administrator can say which ones you may see.");
    view! {
        <section class="panel" aria-labelledby="rights">
            <div class="panel__head">
                <h2 class="panel__title" id="rights">
                    "What you may"
                </h2>
                <a class="push" href="/account/ask">
                    "Ask for access"
                </a>
            </div>
            <div class="panel__body stack stack--lg prose">
                <div class="stack">
                    <h3 class="field__label">"Roles"</h3>
                    <ul>{roles.collect_view()}</ul>
                    <p class="soft">{no_role}</p>
                </div>
                <div class="stack">
                    <h3 class="field__label">"On these channels"</h3>
                    <ul>{grants.collect_view()}</ul>
                    <p class="soft">{no_grant}</p>
                </div>
            </div>
        </section>
    }
    .into_any()
}
