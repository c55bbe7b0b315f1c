use axum::{extract::Query, http::Uri};
use leptos_router::location::Url;

/// The address of a page that is drawn: its path, and the values of its query.
#[derive(Debug, Clone, Default)]
pub struct Address {
    pub path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// `text` is a path with its query. A query that can't be read counts as none.
    pub fn parse(text: &str) -> Self {
        let path = text.split(['?', '#']).next().unwrap_or_default().to_owned();
        let query = text.parse::<Uri>().ok().and_then(|uri| Query::try_from_uri(&uri).ok());
        Self { path, pairs: query.map(|Query(pairs)| pairs).unwrap_or_default() }
    }

    /// A value that is there and not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.value(name).trim()).filter(|v| !v.is_empty())
    }

    /// `?env=`
    pub fn environment(&self) -> Option<weir_domain::EnvironmentId> {
        self.given("env")?.parse().ok()
    }

    /// This address with one value put anew.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = self.pairs.iter().filter(|(n, v)| n != name && !v.is_empty()).map(|(n, v)| (n.as_str(), v.as_str()));
        let mut out = self.path.clone();
        for (i, (n, v)) in kept.chain([(name, value)]).enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(&Url::escape(n));
            out.push('=');
            out.push_str(&Url::escape(v));
        }
        out
    }

    /// With one value put anew; without it, if the value is empty.
    #[must_use]
    pub fn put(&self, name: &str, value: &str) -> Self {
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(n, _)| n != name).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self { path: self.path.clone(), pairs }
    }

    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        self.put(name, "")
    }

    /// As a link has it.
    pub fn text(&self) -> String {
        let pairs = self.pairs.iter().filter(|(_, v)| !v.is_empty());
        let pairs: Vec<String> = pairs.map(|(n, v)| format!("{}={}", Url::escape(n), Url::escape(v))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// The first value of this name; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// The path's parts: `["people", "new"]`.
    pub fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|p| !p.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_values() {
        let at = Address::parse("/people/new?q=a%20b+c&done=&q=x");
        assert_eq!((at.path.as_str(), at.parts()), ("/people/new", vec!["people", "new"]));
        assert_eq!((at.value("q"), at.value("done"), at.value("none")), ("a b c", "", ""));
        let next = Address::parse("/changes?text=a+b&cursor=1&kind=").with("cursor", "2&3");
        assert_eq!(next, "/changes?text=a%20b&cursor=2%263");
        let other = Address::parse("/lag?q=a+b&page=3").without("page").put("sort", "lag&");
        assert_eq!(other.text(), "/lag?q=a%20b&sort=lag%26");
        assert_eq!(other.put("q", "").without("sort").text(), "/lag");
        for odd in ["", "/", "/a?%zz", "no path", "/ü?x=1"] {
            Address::parse(odd);
        }
    }
}
