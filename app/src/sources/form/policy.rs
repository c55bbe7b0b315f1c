use super::{
    capture::{capture, start},
    edit::{Tab, source, top, words},
    fields::hidden,
    found::found,
    values::{Values, stored},
};
use crate::{
    drawn::{Address, DrawnPage, done, not_known, page},
    help,
    ui::Icon,
};
use leptos::prelude::*;
use weir_domain::sources::SettingsShown;

/// What is read of a source made in the browser, and how far Weir may go there.
pub(crate) async fn policy(id: &str, address: &Address) -> DrawnPage {
    match source(id).await {
        Ok(Some((shown, ..))) => page(&format!("{} · what is read", shown.name), || form(&shown, address)),
        Ok(None) => page("Not found", help::not_found),
        Err(failure) => not_known("Source", failure),
    }
}

fn form(shown: &SettingsShown, address: &Address) -> AnyView {
    let values = Values::beginning(stored(shown), shown.kept.clone());
    let id = shown.id;
    view! {
        <div class="page">
            {top(shown, Tab::Capture)} {done(address, words())} {found(&values)}
            <form method="post" action=format!("/sources/{id}/policy") class="panel made" autocomplete="off">
                {hidden(&values, "version")}
                {capture(&values, 1)}
                {start(&values, 2)}
                <p class="made__note small muted">
                    "What was captured stays, whatever is set here. Where reading begins counts only for channels that were never read."
                </p>
                <div class="made__foot">
                    <button type="submit" class="btn" formaction=format!("/sources/{id}/preview")>
                        <Icon name="search" small=true />
                        "Preview channels"
                    </button>
                    <span class="small muted">"Nothing is changed until you save it."</span>
                    <button type="submit" class="btn btn--primary push">
                        "Save what is read"
                    </button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
