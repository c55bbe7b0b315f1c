//! Where a server is, as a person writes it.

use crate::ended::Ended;

/// `https://weir.example.com`, or with a path below which Weir lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub https: bool,
    pub host: String,
    pub port: u16,
    /// Without a slash at its end; empty for the top.
    path: String,
}

impl Address {
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, Ended> {
        Self::read(text).map_err(|why| {
            // It may hold a password before an @.
            let shown = if text.contains('@') { "The address" } else { text };
            Ended::usage(
                format!("{shown} can't be used: {why}."),
                "Give the address that people type, for example https://weir.example.com (WEIR_URL or --url).",
            )
        })
    }

    /// # Errors
    /// Why it is none, in words that go on after a colon.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let uri: http::Uri = text.parse().map_err(|_| "it is no address")?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("it must begin with https:// or http://"),
        };
        let authority = uri.authority().ok_or("it has no host")?;
        if authority.as_str().contains('@') {
            return Err("it must not hold a user or a password");
        }
        if uri.query().is_some() || text.contains('#') {
            return Err("it must end with its path");
        }
        Ok(Self {
            https,
            host: authority.host().to_owned(),
            port: authority.port_u16().unwrap_or(if https { 443 } else { 80 }),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Of a server on this machine, whatever address it listens on.
    pub fn local(listen: std::net::SocketAddr) -> Self {
        let ip = match listen.ip() {
            ip if !ip.is_unspecified() => ip,
            std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        let host = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
        Self { https: false, host, port: listen.port(), path: String::new() }
    }

    /// For `Host`.
    pub fn authority(&self) -> String {
        let own = if self.https { 443 } else { 80 };
        if self.port == own { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// A name or a number, without the brackets of IPv6.
    pub fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Does it stay on this machine?
    pub fn is_local(&self) -> bool {
        let host = self.bare_host();
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// What stands in the request's first line.
    pub fn target(&self, path: &str, query: &[(&str, String)]) -> String {
        let mut target = format!("{}{path}", self.path);
        if !query.is_empty() {
            let pairs = query.iter().map(|(name, value)| (*name, value.as_str()));
            target.push('?');
            target.push_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish());
        }
        target
    }

    pub fn unreachable(&self, why: &str) -> Ended {
        Ended::unreachable(
            format!("Weir can't be reached at {self}: {why}."),
            "Check that it runs there and that WEIR_URL or --url is right; `weir doctor` looks step by step.",
        )
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", if self.https { "https" } else { "http" }, self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        for (text, shown, target) in [
            ("https://weir.example.com", "https://weir.example.com", "/api/v1/me"),
            ("https://weir.example.com:443/", "https://weir.example.com", "/api/v1/me"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "/api/v1/me"),
            ("http://[::1]:8080", "http://[::1]:8080", "/api/v1/me"),
            ("https://tools.example.com/weir/", "https://tools.example.com/weir", "/weir/api/v1/me"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.to_string().as_str(), address.target("/api/v1/me", &[]).as_str()), (shown, target));
        }
        for bad in
            ["", "weir.example.com", "ftp://x", "https://", "https://u:secret@x", "https://x/?a=b", "https://x/#a"]
        {
            let told = Address::parse(bad).unwrap_err();
            assert!(!told.what.contains("secret"), "{}", told.what);
        }
        let query = [("key", "a&b c".to_owned())];
        assert_eq!(Address::parse("http://x").unwrap().target("/e", &query), "/e?key=a%26b+c");
        assert_eq!(Address::local("0.0.0.0:81".parse().unwrap()).to_string(), "http://127.0.0.1:81");
        assert!(Address::local("[::]:81".parse().unwrap()).is_local());
        assert!(!Address::parse("http://localhost.example.com").unwrap().is_local());
    }
}
