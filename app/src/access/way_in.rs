//! The way to the sign-in page and back.

use crate::address;
use leptos_router::location::Url;

/// The sign-in page's path; it leads back to `next`, a path of this site.
pub fn sign_in_path(next: Option<&str>) -> String {
    match next.filter(|n| is_own_path(n) && *n != "/") {
        Some(next) => format!("/sign-in?next={}", Url::escape(next)),
        None => "/sign-in".into(),
    }
}

/// Leaves for the sign-in page, which leads back here.
pub(crate) fn sign_in_again() {
    address::leave_for(&sign_in_path(Some(&address::here_now())));
}

/// A path of this site, not another site's address in disguise (`//host`, `/\host`), and fit for a field.
pub(super) fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && !path.starts_with("/sign-in")
        && !path.contains(char::is_control)
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
