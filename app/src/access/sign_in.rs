use super::{fields::Field, gate::gate};
use crate::ui::varying;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, location::Url};

/// The sign-in page's path; it leads back to `next`, a path of this site.
pub fn sign_in_path(next: Option<&str>) -> String {
    match next.filter(|n| is_own_path(n) && *n != "/") {
        Some(next) => format!("/sign-in?next={}", Url::escape(next)),
        None => "/sign-in".into(),
    }
}

/// Leaves for the sign-in page, which leads back here.
pub(crate) fn sign_in_again() {
    let here = location_pathname().unwrap_or_default() + &location().search().unwrap_or_default();
    // Leaving can only fail where there is no page to leave.
    let _ = location().set_href(&sign_in_path(Some(&here)));
}

/// A path of this site, not another site's address in disguise (`//host`, `/\host`), and fit for a field.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && !path.starts_with("/sign-in")
        && !path.contains(char::is_control)
}

#[component]
pub fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with(|q| q.get("next")).filter(|n| is_own_path(n));
    let form = view! {
        <form method="post" action="/sign-in" class="stack stack--lg">
            {varying(move || next().map(|next| view! { <input type="hidden" name="next" value=next /> }))}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_come_next() {
        assert!(is_own_path("/events?key=a"));
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "events", "/sign-in?next=/x", "/a\0b"]
        {
            assert!(!is_own_path(bad), "{bad:?}");
            assert_eq!(sign_in_path(Some(bad)), "/sign-in");
        }
        assert_eq!(sign_in_path(Some("/")), "/sign-in");
    }
}
