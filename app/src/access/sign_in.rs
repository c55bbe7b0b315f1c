use super::{
    fields::Field,
    gate::{by_set_up, gate},
    way_in::is_own_path,
};
use crate::ui::Banner;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

pub(super) fn sign_in() -> AnyView {
    let here = use_context::<crate::RequestContext>().and_then(|cx| cx.caller);
    by_set_up(move |known| match (&here, known) {
        (Some(caller), _) => signed_in(caller.name.clone()),
        (None, Some(false)) => nobody_yet(),
        (None, _) => form(),
    })
}

/// Who is signed in needs no form; to be somebody else one leaves first.
fn signed_in(name: String) -> AnyView {
    let ways = view! {
        <div class="stack">
            <p>"You are signed in as " <b class="strong">{name}</b> "."</p>
            <a class="btn btn--primary" href="/">
                "Go to Overview"
            </a>
            <form method="post" action="/sign-out" class="stack">
                <button type="submit" class="btn">
                    "Sign out"
                </button>
            </form>
        </div>
    };
    view! {
        <Title text="Sign in · Weir" />
        {gate("Signed in", "", ways.into_any(), "")}
    }
    .into_any()
}

fn nobody_yet() -> AnyView {
    let way = view! {
        <p>
            "Open the one-time link that Weir printed when it started. Has it run out, or can't you see it? "
            <code>"weir admin-link"</code> " on the server makes a new one."
        </p>
    };
    view! {
        <Title text="Sign in · Weir" />
        {gate("Nobody has an account yet", "", way.into_any(), "The link creates the first administrator.")}
    }
    .into_any()
}

fn form() -> AnyView {
    let query = use_query_map();
    let next = query.with_untracked(|q| q.get("next")).filter(|n| is_own_path(n));
    let gone = query.with_untracked(|q| q.get_str("done") == Some("signed_out"));
    let gone = gone.then(|| {
        view! {
            <div role="status">
                <Banner tone="banner--ok" icon="check">
                    "You are signed out."
                </Banner>
            </div>
        }
    });
    let form = view! {
        {gone}
        <form method="post" action="/sign-in" class="stack stack--lg">
            {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
            <Field name="login" label="Log-in name" autocomplete="username" max=100 autofocus=true />
            <Field name="password" label="Password" kind="password" autocomplete="current-password" max=1024 />
            <button type="submit" class="btn btn--primary">
                "Sign in"
            </button>
        </form>
    };
    let note = "No account, or the password is lost? An administrator of this Weir can help.";
    view! {
        <Title text="Sign in · Weir" />
        {gate("Sign in", "", form.into_any(), note)}
    }
    .into_any()
}
