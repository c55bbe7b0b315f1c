//! Who sent the browser here. Cookies travel with requests that other sites cause; these checks tell them apart.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header};

use super::session::Scope;
use crate::config::{Config, PublicUrl};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where this server is reached.
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    public_url: Option<PublicUrl>,
    /// Listens on this machine only, so its names (and forwarded ports) are good.
    loopback: bool,
}

impl OriginPolicy {
    pub fn new(config: &Config) -> Self {
        Self { public_url: config.public_url.clone(), loopback: config.listen.ip().is_loopback() }
    }

    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Is the whole host ours, and reached over https? Below a path others stand on it too, and nobody asked them whether
    /// they can be reached so.
    pub fn owns_https(&self) -> bool {
        self.is_https() && self.root().is_empty()
    }

    /// The path that a proxy serves us under; empty at the top of the host.
    pub fn root(&self) -> &str {
        self.public_url.as_ref().map_or("", PublicUrl::path)
    }

    /// How the session's cookie is named and bound.
    pub fn cookie(&self) -> Scope<'_> {
        Scope { https: self.is_https(), root: self.root() }
    }

    /// The configured address, path and all, for a link that is handed on; else the one this request came to, which
    /// [`Self::knows_host`] let in.
    pub fn base(&self, headers: &HeaderMap) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None => format!("http://{}", single(headers, &header::HOST).unwrap_or("localhost")),
        }
    }

    /// Is `Host` a name of ours? Otherwise some other site's name may have been pointed at us (DNS rebinding).
    pub fn knows_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = single(headers, &header::HOST) else { return false };
        let host = host.to_ascii_lowercase();
        self.public_url.as_ref().is_some_and(|u| same_authority(u, &host)) || (self.loopback && is_loopback(&host))
    }

    /// Did a page of ours cause this request, or a person directly?
    ///
    /// Browsers say so in `Sec-Fetch-Site` (on https and on this machine), else in `Origin`, else in `Referer`, which
    /// our own pages always send to us (Referrer-Policy same-origin). A request that says nothing is refused.
    pub fn is_own(&self, headers: &HeaderMap) -> bool {
        match single(headers, &SEC_FETCH_SITE) {
            Some("same-origin" | "none") => return self.origin_if_said_is_own(headers),
            Some(_) => return false,
            None if headers.contains_key(SEC_FETCH_SITE) => return false,
            None => {}
        }
        if headers.contains_key(header::ORIGIN) {
            return self.origin_if_said_is_own(headers);
        }
        single(headers, &header::REFERER)
            .and_then(|r| r.parse::<http::Uri>().ok())
            .and_then(|r| Some(format!("{}://{}", r.scheme_str()?, r.authority()?)))
            .is_some_and(|origin| self.is_origin(&origin, headers))
    }

    fn origin_if_said_is_own(&self, headers: &HeaderMap) -> bool {
        if !headers.contains_key(header::ORIGIN) {
            return true;
        }
        single(headers, &header::ORIGIN).is_some_and(|origin| self.is_origin(origin, headers))
    }

    fn is_origin(&self, origin: &str, headers: &HeaderMap) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.public_url.as_ref().is_some_and(|u| u.origin() == origin) {
            return true;
        }
        let host = single(headers, &header::HOST).map(str::to_ascii_lowercase);
        self.loopback && host.is_some_and(|host| is_loopback(&host) && origin == format!("http://{host}"))
    }
}

/// The header's value if there is exactly one.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn same_authority(url: &PublicUrl, host: &str) -> bool {
    let own_port = if url.is_https() { ":443" } else { ":80" };
    host.strip_suffix(own_port).unwrap_or(host) == url.authority()
}

/// `localhost`, `127.0.0.1` or `[::1]`, with or without a port.
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host();
    name == "localhost"
        || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(public_url: Option<&str>, loopback: bool) -> OriginPolicy {
        OriginPolicy { public_url: public_url.map(|u| PublicUrl::parse(u).unwrap()), loopback }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (HeaderName::from_static(k), v.parse().unwrap())).collect()
    }

    #[test]
    fn own_pages_are_told_from_others() {
        let local = policy(None, true);
        let public = policy(Some("https://weir.example.com"), false);
        let below = policy(Some("https://weir.example.com/tools/weir"), false);
        let host = ("host", "127.0.0.1:8080");
        for (name, policy, sent, own) in [
            ("same origin", &local, &[host, ("sec-fetch-site", "same-origin")][..], true),
            ("typed by a person", &local, &[host, ("sec-fetch-site", "none")], true),
            ("another site", &local, &[host, ("sec-fetch-site", "cross-site")], false),
            ("a neighbour", &local, &[host, ("sec-fetch-site", "same-site")], false),
            (
                "contradiction",
                &local,
                &[host, ("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
                false,
            ),
            ("said twice", &local, &[host, ("sec-fetch-site", "none"), ("origin", "null")], false),
            ("own origin", &local, &[host, ("origin", "http://127.0.0.1:8080")], true),
            ("forwarded port", &local, &[("host", "localhost:9000"), ("origin", "http://localhost:9000")], true),
            ("another port", &local, &[host, ("origin", "http://127.0.0.1:8081")], false),
            ("a sandboxed frame", &local, &[host, ("origin", "null")], false),
            ("rebinding", &local, &[("host", "evil.example"), ("origin", "http://evil.example")], false),
            ("own referrer", &local, &[host, ("referer", "http://127.0.0.1:8080/events?key=a")], true),
            ("another's referrer", &local, &[host, ("referer", "https://evil.example/http://127.0.0.1:8080/")], false),
            ("nothing said", &local, &[host], false),
            ("public", &public, &[("host", "weir.example.com"), ("origin", "https://weir.example.com")], true),
            (
                "public without TLS",
                &public,
                &[("host", "weir.example.com"), ("origin", "http://weir.example.com")],
                false,
            ),
            ("loopback is not public", &public, &[host, ("origin", "http://127.0.0.1:8080")], false),
            ("below a path", &below, &[("host", "weir.example.com"), ("origin", "https://weir.example.com")], true),
            (
                "below a path, by its page",
                &below,
                &[("host", "weir.example.com"), ("referer", "https://weir.example.com/tools/weir/events")],
                true,
            ),
            (
                "longer name",
                &public,
                &[("host", "weir.example.com"), ("origin", "https://weir.example.com.evil.example")],
                false,
            ),
        ] {
            assert_eq!(policy.is_own(&headers(sent)), own, "{name}");
        }
        let mut twice = headers(&[host, ("sec-fetch-site", "same-origin")]);
        twice.append(SEC_FETCH_SITE, "cross-site".parse().unwrap());
        assert!(!local.is_own(&twice));
    }

    #[test]
    fn names_that_are_ours() {
        let local = policy(None, true);
        for (host, known) in [
            ("127.0.0.1:8080", true),
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("[::1]:8080", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:8080", false),
            ("10.0.0.1:8080", false),
        ] {
            assert_eq!(local.knows_host(&headers(&[("host", host)])), known, "{host}");
        }
        assert!(!local.knows_host(&HeaderMap::new()));
        let public = policy(Some("https://weir.example.com"), false);
        assert!(public.knows_host(&headers(&[("host", "Weir.Example.com:443")])));
        assert!(!public.knows_host(&headers(&[("host", "localhost:8080")])));
    }
}
