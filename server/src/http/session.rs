//! The session's cookie.

use http::{HeaderMap, HeaderValue, header};

/// The longest token that is looked at.
const LONGEST: usize = 128;

/// Over https the `__Host-` prefix makes browsers refuse a cookie that another host of the same site set.
const fn name(https: bool) -> &'static str {
    if https { "__Host-weir" } else { "weir" }
}

/// The session's token, if the request carries exactly one.
pub fn token(headers: &HeaderMap, https: bool) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name(https))
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(token), None) if !token.is_empty() && token.len() <= LONGEST => Some(token.to_owned()),
        _ => None,
    }
}

/// A cookie that lives `seconds`.
pub fn cookie(token: &str, https: bool, seconds: i64) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", name(https), seconds.max(0));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the cookie back.
pub fn no_cookie(https: bool) -> Option<HeaderValue> {
    cookie("", https, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|c| (header::COOKIE, c.parse().unwrap())).collect()
    }

    #[test]
    fn one_cookie_of_the_right_name() {
        assert_eq!(token(&sent(&["a=b; weir=t0ken; c=d"]), false).as_deref(), Some("t0ken"));
        assert_eq!(token(&sent(&["weir=t0ken"]), true), None, "over https only the prefixed one counts");
        assert_eq!(token(&sent(&["__Host-weir=t0ken"]), true).as_deref(), Some("t0ken"));
        assert_eq!(token(&sent(&["weir=a; weir=b"]), false), None, "somebody else planted a second one");
        assert_eq!(token(&sent(&["weir=a", "weir=b"]), false), None);
        assert_eq!(token(&sent(&["weir="]), false), None);
        assert_eq!(token(&sent(&[&format!("weir={}", "a".repeat(129))]), false), None);
    }

    #[test]
    fn it_cannot_be_read_by_scripts_nor_sent_by_other_sites() {
        assert_eq!(cookie("t", true, 60).unwrap(), "__Host-weir=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
        assert_eq!(cookie("t", false, 60).unwrap(), "weir=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert_eq!(no_cookie(false).unwrap(), "weir=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
