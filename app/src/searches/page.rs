use super::list::{others, own};
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head},
};
use leptos::prelude::*;

const TITLE: &str = "Saved searches";
const DONE: &[(&str, &str)] = &[
    ("saved", "The search is saved."),
    ("renamed", "The search has its new name."),
    ("shared", "Everybody who is signed in sees it now. Opened, it shows each person what they may see."),
    ("private", "It is yours alone again."),
    ("removed", "The search is removed."),
];

/// The page at `/searches`, which also answers its forms.
pub(crate) async fn page(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller() {
        Ok(caller) => cx.told(cx.cases.searches.list(&caller).await).map(|all| (caller, all)),
        Err(failure) => Err(failure),
    };
    let (caller, all) = match found {
        Ok(found) => found,
        Err(failure) => return drawn::not_known(TITLE, failure),
    };
    let (mine, of_others): (Vec<_>, Vec<_>) = all.iter().partition(|s| s.owner == caller.person);
    drawn::page(TITLE, || {
        let echo = Echo::here();
        view! {
            <div class="page page--text">
                {head(TITLE, "your own, and what others share", ().into_any())}
                {drawn::failure(&echo)}
                {drawn::done(address, DONE)}
                {own(&mine)}
                {others(&of_others)}
                <p class="soft small">
                    "A search keeps its question, not its answer: a range such as the last hour moves on with the clock, and whoever opens it sees what they may see."
                </p>
            </div>
        }
        .into_any()
    })
}
