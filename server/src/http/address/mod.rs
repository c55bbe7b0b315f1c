//! Where Weir stands on its host: at the top, or below a path that a proxy serves it under.
//!
//! Everything inside is written as if Weir stood at the top. What comes in loses the path here, whether the proxy took it
//! off or not; what goes out gets it here: `Location` and the addresses in pages. In the browser `js/calls.js` does the
//! same for what the console draws later. So no page, link, form or redirect can forget it.

mod markup;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::{StreamExt as _, future, stream};
use http::{HeaderValue, Uri, header, uri::PathAndQuery};

use markup::Markup;

/// The path that Weir stands under: empty, or `/tools/weir`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(Arc<str>);

impl Root {
    /// `path` as [`crate::config::PublicUrl::path`] has it.
    pub fn new(path: &str) -> Self {
        Self(path.into())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn is_top(&self) -> bool {
        self.0.is_empty()
    }

    /// The address as the world knows it. What is not an address of ours (`//host`, `https:`, `#part`, `?page=2`) stays.
    pub fn outside(&self, address: &str) -> String {
        if self.must_be_put_on(address) { format!("{}{address}", self.0) } else { address.to_owned() }
    }

    /// No path of ours begins as the root does ([`Root::clashes`]), so an address tells by itself whether it has it.
    fn must_be_put_on(&self, address: &str) -> bool {
        address.starts_with('/') && !address.starts_with("//") && self.below(address).is_none()
    }

    /// What follows the root in an address that has it.
    fn below<'a>(&self, address: &'a str) -> Option<&'a str> {
        address.strip_prefix(&*self.0).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }

    /// Could a path of ours be taken for one outside? `/events` can't be told from a root of that name.
    pub fn clashes(&self, path: &str) -> bool {
        let first = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
        !self.is_top() && first(&self.0) == first(path)
    }

    /// The address as the routes know it.
    fn inside(&self, uri: &Uri) -> Option<Uri> {
        let rest = self.below(uri.path_and_query()?.as_str())?;
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(rest.parse::<PathAndQuery>().ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// Around everything that is served, where there is a root.
pub async fn border(State(root): State<Root>, mut request: Request, next: Next) -> Response {
    if let Some(inside) = root.inside(request.uri()) {
        *request.uri_mut() = inside;
    }
    let mut response = next.run(request).await;
    if let Some(outside) = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok())
        && let Ok(outside) = HeaderValue::from_str(&root.outside(outside))
    {
        response.headers_mut().insert(header::LOCATION, outside);
    }
    if is_page(&response) { with_root(response, root) } else { response }
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html")) && !response.headers().contains_key(header::CONTENT_ENCODING)
}

/// The same page with every address in it put outside, piece by piece as it is written.
fn with_root(response: Response, root: Root) -> Response {
    let (mut head, body) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    let pieces = body.into_data_stream().map(Some).chain(stream::once(future::ready(None)));
    let pieces = pieces.scan(Markup::new(root), |markup, piece| {
        future::ready(match piece {
            Some(Ok(piece)) => Some(Ok(markup.piece(&piece))),
            Some(Err(error)) => Some(Err(error)),
            None => Some(Ok(markup.end())),
        })
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_out_and_come_in() {
        let root = Root::new("/tools/weir");
        for (inside, outside) in [
            ("/", "/tools/weir/"),
            ("/events?key=/a#b", "/tools/weir/events?key=/a#b"),
            ("/toolsmith", "/tools/weir/toolsmith"),
            ("/tools/weird", "/tools/weir/tools/weird"),
        ] {
            assert_eq!(root.outside(inside), outside);
            assert_eq!(root.outside(outside), outside, "once is enough");
        }
        for not_ours in ["", "#main", "?env=2", "events", "//evil.example/", "https://x/", "data:,"] {
            assert_eq!(root.outside(not_ours), not_ours);
        }
        let inside = |uri: &str| root.inside(&uri.parse().unwrap()).map(|u| u.to_string());
        assert_eq!(inside("/tools/weir/events?a=%2F").as_deref(), Some("/events?a=%2F"));
        assert_eq!(inside("/tools/weir?a=1").as_deref(), Some("/?a=1"));
        assert_eq!(inside("/events"), None, "the proxy took it off");
        assert_eq!(inside("/tools/weirdo"), None);
        assert_eq!(Root::new("").outside("/events"), "/events");
    }

    #[test]
    fn a_root_like_a_page_is_told() {
        let root = Root::new("/events");
        assert!(
            root.clashes("/events/{id}") && root.clashes("/events") && !root.clashes("/") && !root.clashes("/{*any}")
        );
        assert!(!Root::new("").clashes("/"));
    }
}
