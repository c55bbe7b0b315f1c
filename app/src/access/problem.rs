//! What went wrong with a form, by the code that the server puts into `?error=`.

use crate::ui::Banner;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What happened and what to do, for a code of the sign-in or set-up form. `wait` is in seconds.
fn words(code: &str, wait: Option<u32>) -> (String, String) {
    let (what, what_to_do) = match code {
        // One answer for an unknown name, a wrong password and an account that is switched off.
        "credentials" => ("That log-in name and password do not fit together.", "Check both and try again."),
        "too_many" => {
            let next = wait.map_or_else(|| "a little later".to_owned(), |s| format!("in {s} s"));
            return ("Too many attempts.".into(), format!("Try again {next}."));
        }
        "token" => (
            "This link is not complete, is older than 15 minutes, or was replaced by a newer one.",
            "Run weir admin-link on the server for a new link.",
        ),
        "invite" => ("This link is not complete.", "Open the whole link that you were sent."),
        "exists" => ("There is an administrator already.", "Sign in, or ask them for an account."),
        "password_short" => ("This password is too short.", "Use at least 12 characters; a sentence is good."),
        "password_long" => ("This password is too long.", "Use at most 1,024 bytes."),
        "password_login" => (
            "This password is little more than the log-in name.",
            "Choose one that can't be guessed from the name, or add 12 characters to it.",
        ),
        "password_repeated" => ("This password is one character repeated.", "Mix different characters or words."),
        "login" => ("This log-in name can't be used.", "Use 2 to 64 letters, digits or . _ - + @, for example mara."),
        "name" => ("A name is missing or too long.", "Use 1 to 120 characters on one line."),
        "unavailable" => ("Weir gets no answer from its database.", "Nothing was changed. Try again in a moment."),
        "origin" => ("The form came from another site.", "Open Weir by its own address and try again."),
        _ => ("That did not work.", "Try again; if it stays, look into Weir's log."),
    };
    (what.into(), what_to_do.into())
}

/// The field that a code of the set-up form is about.
pub(super) fn field_of(code: &str) -> &'static str {
    match code {
        "login" => "login",
        code if code.starts_with("password") => "password",
        _ => "name",
    }
}

/// The form's error, if the address carries one.
#[component]
pub(super) fn Problem() -> impl IntoView {
    let query = use_query_map();
    let (code, wait) = query.with_untracked(|q| (q.get("error"), q.get_str("wait").and_then(|w| w.parse().ok())));
    code.map(|code| {
        let (what, what_to_do) = words(&code, wait);
        view! {
            <div role="alert">
                <Banner tone="banner--bad" icon="warn">
                    <b class="strong">{what}</b>
                    " "
                    {what_to_do}
                </Banner>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_to_do() {
        let codes = [
            "credentials",
            "too_many",
            "token",
            "invite",
            "exists",
            "password_short",
            "password_long",
            "password_login",
            "password_repeated",
            "login",
            "name",
            "unavailable",
            "x",
        ];
        for (i, code) in codes.iter().enumerate() {
            let (what, what_to_do) = words(code, None);
            assert!(what.ends_with('.') && what_to_do.ends_with('.'), "{code}");
            assert!(codes.iter().skip(i + 1).all(|other| words(other, None).0 != what), "{code}");
        }
        assert_eq!(words("too_many", Some(8)).1, "Try again in 8 s.");
    }
}
