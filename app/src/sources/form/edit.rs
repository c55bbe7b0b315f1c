use super::{
    connection::{addresses, security, who},
    environment::environment,
    fields::hidden,
    found::found,
    new::{asked, no_key},
    values::{Values, stored},
};
use crate::{
    Failure,
    drawn::{Address, DrawnPage, done, head, not_known, page},
    help,
    ui::{Banner, Icon},
};
use leptos::prelude::*;
use weir_domain::{SourceId, catalog::EnvironmentShown, sources::SettingsShown};

const DONE: &[(&str, &str)] = &[
    ("edited", "Saved. Its tap connects anew within 10 s, and reads on where it stood."),
    ("policy", "Saved. It holds within 10 s; what was captured stays."),
];

/// How a source made in the browser is reached.
pub(crate) async fn edit(id: &str, address: &Address) -> DrawnPage {
    match source(id).await {
        Ok(Some((shown, environments, keeps_secrets))) => {
            let title = format!("{} · connection", shown.name);
            page(&title, || form(&shown, &environments, keeps_secrets, address))
        }
        Ok(None) => page("Not found", help::not_found),
        Err(failure) => not_known("Source", failure),
    }
}

type Asked = Option<(SettingsShown, Vec<EnvironmentShown>, bool)>;

pub(super) async fn source(id: &str) -> Result<Asked, Failure> {
    let Ok(id) = id.parse::<SourceId>() else { return Ok(None) };
    let cx = crate::request_context()?;
    let shown = cx.told(cx.cases.sources.settings(&cx.caller_in(None)?, id).await)?;
    let (environments, keeps_secrets) = asked().await?;
    Ok(shown.map(|shown| (shown, environments, keeps_secrets)))
}

fn form(shown: &SettingsShown, environments: &[EnvironmentShown], keeps_secrets: bool, address: &Address) -> AnyView {
    let values = Values::beginning(stored(shown), shown.kept.clone());
    let id = shown.id;
    let old_key = shown.old_key.then(|| {
        view! {
            <Banner icon="lock">
                "Its secrets are sealed with an older key. They are sealed anew when Weir starts with both keys, or when they are given again here."
            </Banner>
        }
    });
    view! {
        <div class="page">
            {top(shown, Tab::Connection)} {done(address, DONE)} {found(&values)} {no_key(keeps_secrets)} {old_key}
            <form method="post" action=format!("/sources/{id}/edit") class="panel made" autocomplete="off">
                {hidden(&values, "kept")} {hidden(&values, "version")} {hidden(&values, "kind")}
                <input type="hidden" name="name" value=shown.name.clone() />
                {addresses(&values, 1)}
                {security(&values, 2)}
                {who(&values, 3)}
                {environment(&values, 4, environments)}
                <div class="made__foot">
                    <button type="submit" class="btn" formaction=format!("/sources/{id}/examine")>
                        <Icon name="plug" small=true />
                        "Test connection"
                    </button>
                    <span class="small muted">"Nothing is changed until you save it."</span>
                    <button type="submit" class="btn btn--primary push">
                        "Save connection"
                    </button>
                </div>
            </form>
        </div>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Connection,
    Capture,
    Remove,
}

/// The page's head with the ways to the other pages of this source.
pub(super) fn top(shown: &SettingsShown, at: Tab) -> AnyView {
    let id = shown.id;
    let tab = |tab: Tab, path: &'static str, label: &'static str| {
        let current = (tab == at).then_some("page");
        view! {
            <a href=format!("/sources/{id}/{path}") aria-current=current>
                {label}
            </a>
        }
        .into_any()
    };
    let back = view! {
        <a class="btn" href=format!("/sources/{id}")>
            "To the source"
        </a>
    };
    view! {
        {head(shown.name.clone(), format!("in {}, made in the browser", shown.environment_name), back.into_any())}
        <nav class="seg seg--fit" aria-label="Settings of this source">
            {tab(Tab::Connection, "edit", "Connection")}
            {tab(Tab::Capture, "policy", "What is read")}
            {tab(Tab::Remove, "remove", "Remove")}
        </nav>
    }
    .into_any()
}

pub(super) const fn words() -> &'static [(&'static str, &'static str)] {
    DONE
}
