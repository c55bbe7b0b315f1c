//! Plain HTML forms: they work before and without the bundle. Each answers with a redirect; what went wrong is a
//! code in `?error=`, for which the page has the words.

pub mod account;
pub mod act;
pub mod backfill;
pub mod capture;
pub mod content;
pub mod erasures;
pub mod invite;
pub mod keys;
pub mod lag;
pub mod links;
pub mod monitors;
pub mod people;
mod rights;
pub mod searches;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod sources;
pub mod tokens;

use axum::response::{IntoResponse, Redirect, Response};
use http::header;
use weir_cases::access::{NewSession, SESSION_SECS};
use weir_domain::CaseError;

use super::{
    session,
    site::Site,
    visit::{Visit, Who},
};

const LONGEST_NEXT: usize = 2048;

/// A path of this site to go on to, not another site's address in disguise (`//host`, `/\host`).
pub fn own_path(next: &str) -> Option<&str> {
    let own = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && next.len() <= LONGEST_NEXT
        // Browsers drop tabs and line ends before they look at an address.
        && next.bytes().all(|b| b.is_ascii_graphic())
        && !["/sign-in", "/sign-out", "/setup", "/invite", "/api/", "/live"].iter().any(|p| next.starts_with(p));
    own.then_some(next)
}

/// The sign-in page, which leads on to `next`; with a code that says what went wrong.
pub fn sign_in_path(next: Option<&str>, problem: Option<&Problem>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(problem) = problem {
        problem.write(&mut query);
    }
    if let Some(next) = next.and_then(own_path).filter(|n| *n != "/") {
        query.append_pair("next", next);
    }
    match query.finish() {
        query if query.is_empty() => "/sign-in".into(),
        query => format!("/sign-in?{query}"),
    }
}

/// A code of [`weir_app::access`]'s words, and seconds to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub wait: Option<u32>,
}

impl Problem {
    pub const fn new(code: &'static str) -> Self {
        Self { code, wait: None }
    }

    /// Logs what people must not see. `invalid` is the code for what the form itself got wrong.
    pub fn of(error: &CaseError, invalid: &'static str, visit: &Visit) -> Self {
        match error {
            CaseError::TooMany { seconds } => Self { code: "too_many", wait: Some(*seconds) },
            CaseError::Invalid { .. }
            | CaseError::NotAllowed { .. }
            | CaseError::SessionsOnly
            | CaseError::SignedOut => Self::new(invalid),
            CaseError::Conflict { .. } => Self::new("exists"),
            CaseError::Unavailable(why) => {
                tracing::warn!(request = %visit.request_id, why, "unavailable");
                Self::new("unavailable")
            }
            CaseError::Internal(why) => {
                tracing::error!(request = %visit.request_id, why, "a form failed");
                Self::new("internal")
            }
        }
    }

    pub fn write(&self, query: &mut form_urlencoded::Serializer<'_, String>) {
        query.append_pair("error", self.code);
        if let Some(wait) = self.wait {
            query.append_pair("wait", &wait.to_string());
        }
    }
}

/// Whom to count failed attempts by besides the log-in name. Behind a proxy whose address is all that is known, one person
/// must not be able to lock out the others.
fn counted_by(visit: &Visit, login: &str) -> String {
    if visit.remote.shared { format!("proxied {login}") } else { visit.remote_subject() }
}

/// The browser forgets the session it came with; nobody else should be able to use it either.
async fn leave(site: &Site, visit: &Visit, who: &Who) {
    if let Some(token) = &who.token
        && let Err(error) = site.cases.access.log_out(token, visit.origin()).await
        && !matches!(error, CaseError::SignedOut)
    {
        tracing::warn!(%error, "the session before could not be ended; it runs out by itself");
    }
}

/// Signed in: the cookie, and on to where the person wanted to go.
fn welcome(site: &Site, session: &NewSession, next: Option<&str>) -> Response {
    let mut response = Redirect::to(next.and_then(own_path).unwrap_or("/")).into_response();
    if let Some(cookie) = session::cookie(&session.token, site.origin.cookie(), SESSION_SECS) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_to_own_pages_only() {
        for good in ["/", "/events?key=ord-1&tail=1", "/sources/3"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in [
            "",
            "events",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nb",
            "/ü",
            "/sign-in?next=/",
            "/sign-out",
            "/setup",
            "/invite",
            "/api/events/list",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(LONGEST_NEXT))), None);
    }

    #[test]
    fn the_way_back_is_kept() {
        assert_eq!(sign_in_path(None, None), "/sign-in");
        assert_eq!(sign_in_path(Some("/"), None), "/sign-in");
        assert_eq!(sign_in_path(Some("/events?key=a&tail=1"), None), "/sign-in?next=%2Fevents%3Fkey%3Da%26tail%3D1");
        let wait = Problem { code: "too_many", wait: Some(8) };
        assert_eq!(sign_in_path(Some("//evil"), Some(&wait)), "/sign-in?error=too_many&wait=8");
    }
}
