//! The session's cookie.

use http::{HeaderMap, HeaderValue, header};

/// The longest token that is looked at.
const LONGEST: usize = 128;

/// How the cookie is named and bound.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub https: bool,
    /// The path that Weir stands under; empty at the top of its host.
    pub root: &'a str,
}

impl Scope<'_> {
    /// Over https the `__Host-` prefix makes browsers refuse a cookie that another host of the same site set. It demands
    /// the path `/`, which below a path would hand the session to whatever else stands on the host.
    fn name(self) -> &'static str {
        match (self.https, self.root) {
            (true, "") => "__Host-weir",
            (true, _) => "__Secure-weir",
            (false, _) => "weir",
        }
    }

    fn path(self) -> String {
        if self.root.is_empty() { "/".into() } else { self.root.into() }
    }
}

/// The session's token, if the request carries exactly one.
pub fn token(headers: &HeaderMap, scope: Scope<'_>) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == scope.name())
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(token), None) if !token.is_empty() && token.len() <= LONGEST => Some(token.to_owned()),
        _ => None,
    }
}

/// A cookie that lives `seconds`.
pub fn cookie(token: &str, scope: Scope<'_>, seconds: i64) -> Option<HeaderValue> {
    let secure = if scope.https { "; Secure" } else { "" };
    let (name, path, seconds) = (scope.name(), scope.path(), seconds.max(0));
    let text = format!("{name}={token}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the cookie back.
pub fn no_cookie(scope: Scope<'_>) -> Option<HeaderValue> {
    cookie("", scope, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: Scope<'static> = Scope { https: false, root: "" };
    const HTTPS: Scope<'static> = Scope { https: true, root: "" };
    const BELOW: Scope<'static> = Scope { https: true, root: "/tools/weir" };

    fn sent(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|c| (header::COOKIE, c.parse().unwrap())).collect()
    }

    #[test]
    fn one_cookie_of_the_right_name() {
        assert_eq!(token(&sent(&["a=b; weir=t0ken; c=d"]), HTTP).as_deref(), Some("t0ken"));
        assert_eq!(token(&sent(&["weir=t0ken"]), HTTPS), None, "over https only the prefixed one counts");
        assert_eq!(token(&sent(&["__Host-weir=t0ken"]), HTTPS).as_deref(), Some("t0ken"));
        assert_eq!(token(&sent(&["weir=a; weir=b"]), HTTP), None, "somebody else planted a second one");
        assert_eq!(token(&sent(&["weir=a", "weir=b"]), HTTP), None);
        assert_eq!(token(&sent(&["weir="]), HTTP), None);
        assert_eq!(token(&sent(&[&format!("weir={}", "a".repeat(129))]), HTTP), None);
    }

    #[test]
    fn it_cannot_be_read_by_scripts_nor_sent_by_other_sites() {
        assert_eq!(
            cookie("t", HTTPS, 60).unwrap(),
            "__Host-weir=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert_eq!(cookie("t", HTTP, 60).unwrap(), "weir=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert_eq!(
            cookie("t", BELOW, 60).unwrap(),
            "__Secure-weir=t; Path=/tools/weir; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert_eq!(
            cookie("t", Scope { https: false, ..BELOW }, 60).unwrap().to_str().unwrap().split("; ").nth(1),
            Some("Path=/tools/weir")
        );
        assert_eq!(no_cookie(HTTP).unwrap(), "weir=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
