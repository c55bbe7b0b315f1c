use super::{fields::Field, gate::gate};
use crate::{
    drawn::{Echo, time},
    ui::FailureText,
};
use leptos::prelude::*;
use leptos_meta::Title;
use weir_domain::Timestamp;

/// Moves the one-time token from the address's fragment, which no server and no log sees, into the form, and sends it.
const TAKE_TOKEN: &str = include_str!("../../js/take-token.js");

/// The page of an invitation, or of a link for a new password. The link leads here; its token comes by the form, and the
/// answer to that says what the link is for.
pub(super) fn invite() -> AnyView {
    let echo = Echo::here();
    let body = match echo.typed("login") {
        Some(login) => accept(login, &echo),
        None => opening(&echo),
    };
    view! {
        <Title text="Invitation · Weir" />
        {body}
    }
    .into_any()
}

fn problem(echo: &Echo) -> AnyView {
    let told = echo.failure.clone().map(|failure| {
        view! {
            <div class="banner banner--bad" role="alert">
                <div>
                    <FailureText failure=crate::Failure(failure) />
                </div>
            </div>
        }
    });
    told.into_any()
}

/// Before the token has come, and where it is no good.
fn opening(echo: &Echo) -> AnyView {
    let failed = echo.failure.is_some();
    let form = view! {
        {problem(echo)}
        <form method="post" action="/invite" class="stack stack--lg" data-send="" hidden=failed>
            <input type="hidden" id="one-time-token" name="token" autocomplete="off" />
            <p class="soft" id="one-time-missing">
                "Open the whole link that you were sent: its last part is missing here, or the browser runs no scripts."
            </p>
        </form>
        <script nonce=leptos::nonce::use_nonce() inner_html=TAKE_TOKEN></script>
    };
    gate("Your link", "", form.into_any(), "A link works once, for three days. An administrator can make a new one.")
}

fn accept(login: &str, echo: &Echo) -> AnyView {
    let new = echo.typed("new").is_some();
    let of = |name: &str| echo.typed(name).unwrap_or_default().to_owned();
    let until = of("expires").parse().ok().map(|at| view! { " until " {time(Timestamp(at))} " UTC" });
    let by = Some(of("by")).filter(|by| !by.is_empty());
    let welcome = match (new, by) {
        (true, Some(by)) => format!("{by} invites you to this Weir."),
        (true, None) => "You are invited to this Weir.".into(),
        (false, _) => "Choose a new password. The one before no longer works.".into(),
    };
    let roles = Some(of("roles")).filter(|r| new && !r.is_empty());
    let roles = roles.map(|roles| view! { <p class="small muted">"Your roles: " {roles}</p> });
    let here = crate::request_context().ok().and_then(|cx| cx.caller).map(|me| {
        let words = format!("You are signed in here as {}; that session ends when you go on.", me.name);
        view! { <p class="small soft">{words}</p> }
    });
    let name = new.then(|| {
        view! { <Field name="name" label="Your name" autocomplete="name" max=120 value=of("name") /> }
    });
    let form = view! {
        {problem(echo)}
        <p class="soft">{welcome}</p>
        {roles}
        {here}
        <form method="post" action="/invite" class="stack stack--lg">
            <input type="hidden" name="token" value=of("token") autocomplete="off" />
            <div class="field">
                <label for="login">"Log-in name"</label>
                <input class="input" id="login" value=login.to_owned() autocomplete="username" readonly />
            </div>
            {name}
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                hint="At least 12 characters. A few words that mean something only to you are better than signs."
                min=12
                max=1024
            />
            <button type="submit" class="btn btn--primary">
                {if new { "Join and sign in" } else { "Set the password and sign in" }}
            </button>
        </form>
        <p class="small muted">"This link works once" {until} "."</p>
    };
    gate(if new { "Welcome" } else { "A new password" }, "", form.into_any(), "")
}
