//! The address people type.

use std::fmt;

/// Scheme, authority and the path that a proxy serves Weir under: `https://weir.example.com/tools/weir`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// Host and port, lower case, without the scheme's own port.
    authority: String,
    /// Empty at the top of the host, else `/tools/weir`.
    path: String,
}

/// Bytes of the path, which stands in every address and in the cookie.
const LONGEST_PATH: usize = 200;

impl PublicUrl {
    /// # Errors
    /// Why it can't be one, going on after "can't be used:".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: http::Uri = text.parse().map_err(|_| "it is no address")?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("it must begin with https:// or http://"),
        };
        let authority = uri.authority().ok_or("it has no host")?;
        if authority.as_str().contains('@') {
            return Err("it must not hold a user");
        }
        if uri.query().is_some() || text.contains('#') {
            return Err("it must not hold a query or a fragment");
        }
        let own = if https { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(own).unwrap_or(&authority).to_owned();
        Ok(Self { https, authority, path: path(uri.path())? })
    }
    pub const fn is_https(&self) -> bool {
        self.https
    }
    /// As browsers send it in `Host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }
    /// As browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
    /// The path that Weir stands under, without a slash at its end: empty at the top of its host.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// What stands unchanged in addresses, markup, headers and cookies: unreserved characters (RFC 3986, 2.3).
fn path(written: &str) -> Result<String, &'static str> {
    let path = written.strip_suffix('/').unwrap_or(written);
    let good = |segment: &str| {
        ![".", "..", ""].contains(&segment)
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    if path.len() > LONGEST_PATH {
        return Err("its path is longer than 200 bytes");
    }
    if path.split('/').skip(1).all(good) {
        Ok(path.to_owned())
    } else {
        Err("its path may hold letters, digits, - . _ ~ and single slashes only")
    }
}

/// Without a slash at its end, so that a path of ours can follow.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn it_is_an_origin_and_a_path() {
        for (text, want) in [
            ("https://Weir.Example.com", "https://weir.example.com"),
            ("https://weir.example.com:443/", "https://weir.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://weir.example.com/tools/weir", "https://weir.example.com/tools/weir"),
            ("https://weir.example.com/Tools/weir-2/", "https://weir.example.com/Tools/weir-2"),
        ] {
            assert_eq!(PublicUrl::parse(text).map(|u| u.to_string()), Ok(want.to_owned()), "{text}");
        }
        let below = PublicUrl::parse("https://a/b/c/").unwrap();
        assert_eq!((below.origin().as_str(), below.path()), ("https://a", "/b/c"));
        assert_eq!(PublicUrl::parse("https://a").unwrap().path(), "");
        let long = format!("https://a/{}", "b".repeat(200));
        for bad in [
            "",
            "weir.example.com",
            "ftp://x",
            "https://",
            "https://a/?q",
            "https://a/b?q",
            "https://a/#b",
            "https://u:p@a",
            "https://a b",
            "https://a//b",
            "https://a/b//",
            "https://a/../b",
            "https://a/%62",
            "https://a/b;c",
            "https://a/\"b",
            &long,
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
