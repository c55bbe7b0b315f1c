use super::{fields::Field, gate::gate};
use leptos::prelude::*;
use leptos_meta::Title;

/// Moves the one-time token from the address's fragment, which no server and no log sees, into the form.
const TAKE_TOKEN: &str = include_str!("../../js/take-token.js");

const INTRO: &str =
    "This account gets every role. More people can be added later; each then gets only the roles they need.";
const NOTE: &str =
    "The link works once and for 15 minutes. Has it run out? `weir admin-link` on the server makes a new one.";

/// The first administrator, by the one-time link that the server printed.
#[component]
pub fn SetUp() -> impl IntoView {
    let form = view! {
        <form method="post" action="/setup" class="stack stack--lg">
            <input type="hidden" id="setup-token" name="token" autocomplete="off" />
            <Field name="name" label="Your name" autocomplete="name" autofocus=true max=120 />
            <Field name="login" label="Log-in name" autocomplete="username" max=64 />
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
                "Create and sign in"
            </button>
        </form>
        <script nonce=leptos::nonce::use_nonce() inner_html=TAKE_TOKEN></script>
    };
    view! {
        <Title text="Set up · Weir" />
        {gate("Create the first administrator", INTRO, form.into_any(), NOTE)}
    }
    .into_any()
}
