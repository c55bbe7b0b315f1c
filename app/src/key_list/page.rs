use super::{Asked, answer::answer, form::form};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head},
    ui::ErrorPanel,
};
use leptos::prelude::*;
use weir_domain::{
    CaseError,
    access::{Permission, Role},
    events::KeysFound,
};

const TITLE: &str = "Keys from a list";

/// The page at `/keys`. Its form answers with it, so that no key stands in an address.
pub(crate) async fn page(cx: &RequestContext, address: &Address) -> DrawnPage {
    let caller = match cx.caller_in(address.environment()) {
        Ok(caller) => caller,
        Err(failure) => return drawn::not_known(TITLE, failure),
    };
    drawn::page(TITLE, || {
        let echo = Echo::here();
        let asked = Asked::read(|name| echo.typed(name));
        let told = echo.told::<KeysFound>().map(|found| answer(found, address));
        let form = match caller.may(Permission::EventsKey) {
            true => form(&asked, address),
            false => no_form(cx),
        };
        view! {
            <div class="page">
                {head(TITLE, "from a ticket or a table: what is known of each", ().into_any())} {drawn::failure(&echo)}
                {told} {form}
            </div>
        }
        .into_any()
    })
}

/// Whoever sends it all the same is refused by the use case; here they are told before.
fn no_form(cx: &RequestContext) -> AnyView {
    let needs = Permission::EventsKey;
    let refused: Result<(), _> =
        cx.told(Err(CaseError::NotAllowed { needs: needs.as_str(), roles: Role::with(needs) }));
    let failure = refused.err();
    view! {
        <section class="panel" aria-label="Not allowed">
            {failure.map(|failure| view! { <ErrorPanel failure /> })}
        </section>
    }
    .into_any()
}
