use super::{create::create, list::list};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, copied, head},
};
use leptos::prelude::*;

const TITLE: &str = "Access tokens";
const DONE: &[(&str, &str)] = &[("revoked", "The token is revoked. Whatever used it is refused from now on.")];

/// The page at `/account/tokens`, which also answers its forms.
pub(crate) async fn tokens(cx: &RequestContext, address: &Address) -> DrawnPage {
    let (caller, all) = match cx.caller() {
        Ok(caller) => match cx.told(cx.cases.tokens.list(&caller).await) {
            Ok(all) => (caller, all),
            Err(failure) => return drawn::not_known(TITLE, failure),
        },
        Err(failure) => return drawn::not_known(TITLE, failure),
    };
    let now = cx.cases.tokens.now();
    drawn::page(TITLE, || {
        let echo = Echo::here();
        let told = match &echo.once {
            Some(secret) => made(secret),
            None => view! { {drawn::failure(&echo)} {drawn::done(address, DONE)} }.into_any(),
        };
        let end = view! {
            <a class="btn btn--sm" href="/api">
                "What programs may ask"
            </a>
        };
        view! {
            <div class="page page--text">
                {head(TITLE, "for your own programs", end.into_any())}
                <p class="soft">
                    "A token lets a program ask Weir as you: with the roles that you choose here, as long as you have them yourself, and on what your grants reach. It ends when it expires, when you revoke it, and when your account is deactivated."
                </p>
                {told}
                {list(&all, now)}
                {create(&caller, &echo)}
            </div>
        }
        .into_any()
    })
}

/// The one time that a token is shown.
fn made(secret: &str) -> AnyView {
    view! {
        <section class="panel token-made" aria-labelledby="token-made">
            <div class="panel__head">
                <h2 class="panel__title" id="token-made">
                    "Your new token"
                </h2>
                <span class="panel__note">"shown this once: Weir keeps only its digest"</span>
            </div>
            <div class="panel__body stack">
                {copied(secret, "token")}
                <p class="soft">
                    "Put it where the program reads its secrets. If it is lost, revoke it and make another one."
                </p>
            </div>
        </section>
    }
    .into_any()
}
