//! The address people type.

use std::fmt;

/// Scheme and authority, without a path: `https://weir.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// Host and port, lower case, without the scheme's own port.
    authority: String,
}

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
        if uri.path() != "/" || uri.query().is_some() {
            return Err("Weir is served at the top of its address, without a path");
        }
        let own = if https { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(own).unwrap_or(&authority).to_owned();
        Ok(Self { https, authority })
    }
    pub const fn is_https(&self) -> bool {
        self.https
    }
    /// As browsers send it in `Host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// The origin, as browsers send it in `Origin`.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn it_is_an_origin() {
        for (text, want) in [
            ("https://Weir.Example.com", "https://weir.example.com"),
            ("https://weir.example.com:443/", "https://weir.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::parse(text).map(|u| u.to_string()), Ok(want.to_owned()), "{text}");
        }
        for bad in [
            "",
            "weir.example.com",
            "ftp://x",
            "https://",
            "https://a/b",
            "https://a/?q",
            "https://u:p@a",
            "https://a b",
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
