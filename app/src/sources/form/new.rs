use super::{
    capture::{capture, start},
    connection::{addresses, security, who},
    environment::environment,
    fields::{Line, choice, hidden, line, part},
    found::found,
    values::{Values, usual},
};
use crate::{
    Failure,
    drawn::{DrawnPage, head, not_known, page},
    ui::{Banner, Icon},
};
use leptos::prelude::*;
use weir_domain::catalog::EnvironmentShown;

/// Everything about a source that is to be made. Nothing is stored before "Add source".
pub(crate) async fn new() -> DrawnPage {
    match asked().await {
        Ok((environments, keeps_secrets)) => {
            page("Add a source", || form(&Values::beginning(usual(), Vec::new()), &environments, keeps_secrets))
        }
        Err(failure) => not_known("Add a source", failure),
    }
}

/// The environments to choose from, and whether secrets can be kept; for who may make sources.
pub(super) async fn asked() -> Result<(Vec<EnvironmentShown>, bool), Failure> {
    let cx = crate::request_context()?;
    let caller = cx.caller_in(None)?;
    if !caller.may(weir_domain::access::Permission::SourcesEdit) {
        let needs = weir_domain::access::Permission::SourcesEdit;
        let roles = weir_domain::access::Role::with(needs);
        return cx.told(Err(weir_domain::CaseError::NotAllowed { needs: needs.as_str(), roles }));
    }
    let me = cx.told(cx.cases.access.me(&caller).await)?;
    Ok((me.environments, cx.cases.sources.keeps_secrets()))
}

fn form(values: &Values, environments: &[EnvironmentShown], keeps_secrets: bool) -> AnyView {
    let name = view! {
        {choice(values, "kind", "Kind", &[("kafka", "Kafka", "3.9 and newer, and what speaks its protocol")])}
        {line(
            values,
            "name",
            "Name",
            Line {
                hint: "Lower-case letters, digits, - and _. It stays: pages, quotas and permissions go by it.",
                placeholder: "shop-eu",
                ..Line::default()
            },
        )}
    };
    view! {
        <div class="page">
            {head(
                "Add a source",
                "one connection to a broker; Weir reads beside your consumers and takes nothing away from them",
                ().into_any(),
            )} {found(values)} {no_key(keeps_secrets)}
            <form method="post" action="/sources/new" class="panel made" autocomplete="off">
                {hidden(values, "kept")}
                {part(1, "What is it?", name.into_any())}
                {addresses(values, 2)}
                {security(values, 3)}
                {who(values, 4)}
                {environment(values, 5, environments)}
                {capture(values, 6)}
                {start(values, 7)}
                <div class="made__foot">
                    // The first one is what Enter does: it stores nothing.
                    <button type="submit" class="btn" formaction="/sources/examine">
                        <Icon name="plug" small=true />
                        "Test connection"
                    </button>
                    <button type="submit" class="btn" formaction="/sources/preview">
                        <Icon name="search" small=true />
                        "Preview channels"
                    </button>
                    <span class="small muted">"Nothing is stored until you add it."</span>
                    <button type="submit" class="btn btn--primary push">
                        "Add source"
                    </button>
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// What can't be done here, before it is tried.
pub(super) fn no_key(keeps_secrets: bool) -> AnyView {
    if keeps_secrets {
        return ().into_any();
    }
    view! {
        <Banner icon="lock">
            <b class="strong">"Weir has no key to seal secrets with. "</b>
            "Connections can be tested, and sources without a secret be added. To keep passwords, make a key on the server with "
            <code>"weir secrets-key > weir-secrets.key"</code>", name it in weir.toml ("
            <code>"secrets_key_file = \"weir-secrets.key\""</code>") and start Weir again."
        </Banner>
    }
    .into_any()
}
