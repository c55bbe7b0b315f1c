//! Routes are mounted here and nowhere else (a test greps), each with what it asks of its caller. What is mounted
//! is kept as a list, which the access test walks.

use axum::{Router, handler::Handler, middleware, routing::MethodFilter};
use http::Method;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::openapi::HttpMethod;
use weir_domain::access::{self, Access};

use super::{
    answer::Reader,
    gate::{self, Guard},
    site::Site,
};

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Open to everybody, and why.
    Public(&'static str),
    /// A page: needs somebody signed in; what it shows, its use cases decide.
    Page,
    /// A page that the server draws alone, with the use cases that it calls: like [`Gate::Page`].
    Drawn(&'static [&'static str]),
    /// One use case, by its name in `USE_CASES`.
    Case(&'static str),
    /// Several streams, each by the name of its use case.
    Streams(&'static [&'static str]),
    /// One use case for programs, which come with a personal token instead of a cookie.
    Token(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    pub method: Method,
    pub path: String,
    pub gate: Gate,
}

/// A route names a use case that is not in `USE_CASES`, or a method that is not known.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MountError(pub(super) String);

/// Paths whose bodies hold a list that somebody pasted, and are longer than others.
const OF_LISTS: [&str; 2] = ["/keys", "/api/v1/events/keys"];
/// Bytes of such a body: 10,000 keys of some 150 bytes each, as forms write them. More than this no extractor takes.
const LONGEST_LIST: usize = 2 * 1024 * 1024;

/// Collects routes.
pub struct Mount {
    site: Site,
    router: Router<Site>,
    of_lists: Router<Site>,
    mounted: Vec<Mounted>,
}

impl Mount {
    pub fn new(site: Site) -> Self {
        Self { site, router: Router::new(), of_lists: Router::new(), mounted: Vec::new() }
    }

    /// # Errors
    /// When the use case is not listed.
    pub fn route<H, T>(
        mut self,
        method: Method,
        path: &str,
        gate: Gate,
        reader: Reader,
        handler: H,
    ) -> Result<Self, MountError>
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        let names: &[&str] = match &gate {
            Gate::Public(_) | Gate::Page => &[],
            Gate::Case(name) | Gate::Token(name) => &[*name],
            Gate::Streams(names) | Gate::Drawn(names) => names,
        };
        let cases = names
            .iter()
            .map(|n| access::use_case(n).ok_or_else(|| MountError(format!("{path}: {n} is in no list of use cases"))));
        let cases: Vec<_> = cases.collect::<Result<_, _>>()?;
        let filter = MethodFilter::try_from(method.clone()).map_err(|e| MountError(format!("{path}: {e}")))?;
        let by_token = match gate {
            Gate::Token(name) => Some(name),
            _ => None,
        };
        let is_page = matches!(gate, Gate::Page | Gate::Drawn(_));
        let signed_in = is_page || cases.iter().any(|c| c.access != Access::Public);
        let guard = Guard {
            signed_in,
            by_token,
            // A link on another site leads to a page, as links do.
            own_pages_only: !is_page && by_token.is_none() && !names.is_empty(),
            needs_database: !matches!(gate, Gate::Public(_)),
            reader,
        };
        let pass = middleware::from_fn_with_state((self.site.clone(), guard), gate::pass);
        let handler = axum::routing::on(filter, handler);
        // A method that is not there is no matter of who asks: programs are told so before anything is looked up.
        let handler = if by_token.is_some() { handler.route_layer(pass) } else { handler.layer(pass) };
        let router = if OF_LISTS.contains(&path) { &mut self.of_lists } else { &mut self.router };
        *router = std::mem::take(router).route(path, handler);
        self.mounted.push(Mounted { method, path: path.to_owned(), gate });
        Ok(self)
    }

    /// A route for programs: its method and path are what its documentation says.
    ///
    /// # Errors
    /// When the use case is not listed, or the documentation says a method that nothing is mounted by.
    pub fn rest<P, H, T>(mut self, case: &'static str, handler: H) -> Result<Self, MountError>
    where
        P: utoipa::Path,
        H: Handler<T, Site>,
        T: 'static,
    {
        let path = P::path();
        for method in P::methods() {
            let method = match method {
                HttpMethod::Get => Method::GET,
                HttpMethod::Post => Method::POST,
                _ => return Err(MountError(format!("{path}: programs ask by GET and command by POST"))),
            };
            self = self.route(method, &path, Gate::Token(case), Reader::Rest, handler.clone())?;
        }
        Ok(self)
    }

    /// An address that leads nowhere, whatever the method.
    pub fn nowhere<H, T>(mut self, path: &str, why: &'static str, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.router = self.router.route(path, axum::routing::any(handler));
        self.mounted.push(Mounted { method: Method::GET, path: path.to_owned(), gate: Gate::Public(why) });
        self
    }

    /// All routes, their bodies bounded.
    pub fn finish(self) -> (Router<Site>, Vec<Mounted>) {
        let most = self.site.limits.body_bytes;
        let of_lists = self.of_lists.layer(RequestBodyLimitLayer::new(most.max(LONGEST_LIST)));
        (self.router.layer(RequestBodyLimitLayer::new(most)).merge(of_lists), self.mounted)
    }
}
