use super::{
    fields::Field,
    gate::{by_set_up, gate},
    problem::field_of,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Moves the one-time token from the address's fragment, which no server and no log sees, into the form.
const TAKE_TOKEN: &str = include_str!("../../js/take-token.js");

const INTRO: &str =
    "This account gets every role. More people can be added later; each then gets only the roles they need.";
const NOTE: &str =
    "The link works once and for 15 minutes. Has it run out? weir admin-link on the server makes a new one.";

/// The first administrator, by the one-time link that the server printed.
pub(super) fn set_up() -> AnyView {
    by_set_up(|known| if known == Some(true) { done() } else { first() })
}

fn done() -> AnyView {
    let way = view! {
        <a class="btn btn--primary" href="/sign-in">
            "Sign in"
        </a>
    };
    let intro = "There is an administrator already, so the one-time link has done its work.";
    view! {
        <Title text="Set up · Weir" />
        {gate("Weir is set up", intro, way.into_any(), "No account? An administrator of this Weir can make one.")}
    }
    .into_any()
}

fn first() -> AnyView {
    // The cursor stands where something is to be put right.
    let at = use_query_map().with_untracked(|q| q.get("error")).map_or("name", |code| field_of(&code));
    let form = view! {
        <form method="post" action="/setup" class="stack stack--lg">
            <input type="hidden" id="one-time-token" name="token" autocomplete="off" />
            <Field name="name" label="Your name" autocomplete="name" autofocus=at == "name" max=120 />
            <Field name="login" label="Log-in name" autocomplete="username" autofocus=at == "login" max=64 />
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                hint="At least 12 characters. A few words that mean something only to you are better than signs."
                min=12
                max=1024
                autofocus=at == "password"
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
