use super::Icon;
use crate::{Failure, access::ask_link, live::Bye};
use leptos::prelude::*;
use weir_domain::ErrorKind;

/// Something a person should read beside what they see. `tone`: "", "banner--ok", "banner--warn", "banner--bad".
#[component]
pub fn Banner(#[prop(default = "")] tone: &'static str, icon: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class=format!("banner {tone}")>
            <Icon name=icon />
            <div>{children()}</div>
        </div>
    }
    .into_any()
}

/// Nothing to show: what belongs here and the one thing to do about it.
#[component]
pub fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name="empty" />
            <h3>{title}</h3>
            {children()}
        </div>
    }
    .into_any()
}

/// What failed, what to do next, and the reference for the log.
#[component]
pub fn ErrorPanel(
    failure: Failure,
    /// Asks again; without it the page is loaded anew.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let kind = failure.0.kind;
    let (tone, icon) = match kind {
        ErrorKind::NotAllowed | ErrorKind::SignedOut => ("", "lock"),
        ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::TooMany | ErrorKind::Outdated => ("banner--warn", "warn"),
        ErrorKind::Unavailable | ErrorKind::Internal => ("banner--bad", "stop"),
    };
    let way_out = match (kind, retry) {
        (ErrorKind::NotAllowed | ErrorKind::Invalid, _) => failure.0.ask.as_deref().map(ask_link).into_any(),
        (ErrorKind::SignedOut, _) => Bye::SignedOut.way_out(),
        (ErrorKind::Outdated, _) => Bye::Outdated.way_out(),
        (_, Some(retry)) => view! {
            <button type="button" class="btn btn--sm" on:click=move |_| retry.run(())>
                "Try again"
            </button>
        }
        .into_any(),
        (_, None) => view! { <a href="" rel="external">"Reload the page"</a> }.into_any(),
    };
    view! {
        <div class="error" role="alert">
            <Banner tone icon>
                <FailureText failure />
                " "
                {way_out}
            </Banner>
        </div>
    }
    .into_any()
}

/// The words of a failure, on one line.
#[component]
pub fn FailureText(failure: Failure) -> impl IntoView {
    let error = failure.0;
    view! {
        <b class="strong">{error.message}</b>
        " "
        {error.what_to_do}
        {error.reference.map(|r| view! { " " <span class="mono muted">"ref " {r}</span> })}
    }
    .into_any()
}
