use super::edit::{Tab, source, top};
use crate::{
    drawn::{DrawnPage, Echo, failure, not_known, page},
    help,
};
use leptos::prelude::*;
use weir_domain::sources::SettingsShown;

/// Gives up reading a source; asks first, and says what stays.
pub(crate) async fn remove(id: &str) -> DrawnPage {
    match source(id).await {
        Ok(Some((shown, ..))) => page(&format!("{} · remove", shown.name), || form(&shown)),
        Ok(None) => page("Not found", help::not_found),
        Err(failure) => not_known("Source", failure),
    }
}

fn form(shown: &SettingsShown) -> AnyView {
    let name = shown.name.clone();
    view! {
        <div class="page">
            {top(shown, Tab::Remove)} {failure(&Echo::here())}
            <form method="post" action=format!("/sources/{}/remove", shown.id) class="panel made">
                <section class="rstep" aria-labelledby="remove">
                    <h2 class="rstep__h" id="remove">
                        {format!("Stop reading {name}, in {}?", shown.environment_name)}
                    </h2>
                    <ul class="wrongs soft">
                        <li>"Reading stops within 10 s. Nothing changes at the broker."</li>
                        <li>"Its settings, and its secrets with them, are forgotten."</li>
                        <li>
                            "Its events, gaps and positions stay, and are found as before, until their retention ends."
                        </li>
                        <li>
                            "A source of the same name in the same environment goes on where this one stood; what the broker has deleted by then is recorded as a gap."
                        </li>
                    </ul>
                </section>
                <div class="made__foot">
                    <a class="btn" href=format!("/sources/{}/edit", shown.id)>
                        "Keep reading it"
                    </a>
                    <button type="submit" class="btn btn--danger-solid push">
                        {format!("Stop reading {name} and keep its events")}
                    </button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
