//! Routes are mounted here and nowhere else (a test greps), each with what it asks of its caller. What is mounted
//! is kept as a list, which the access test walks.

use axum::{Router, handler::Handler, middleware, routing::MethodFilter};
use http::Method;
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
    /// One use case, by its name in `USE_CASES`.
    Case(&'static str),
    /// Several streams, each by the name of its use case.
    Streams(&'static [&'static str]),
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
pub struct MountError(String);

/// Collects routes.
pub struct Mount {
    site: Site,
    router: Router<Site>,
    mounted: Vec<Mounted>,
}

impl Mount {
    pub fn new(site: Site) -> Self {
        Self { site, router: Router::new(), mounted: Vec::new() }
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
            Gate::Case(name) => &[*name],
            Gate::Streams(names) => names,
        };
        let cases = names
            .iter()
            .map(|n| access::use_case(n).ok_or_else(|| MountError(format!("{path}: {n} is in no list of use cases"))));
        let cases: Vec<_> = cases.collect::<Result<_, _>>()?;
        let filter = MethodFilter::try_from(method.clone()).map_err(|e| MountError(format!("{path}: {e}")))?;
        let signed_in = gate == Gate::Page || cases.iter().any(|c| c.access != Access::Public);
        let guard = Guard {
            signed_in,
            own_pages_only: !names.is_empty(),
            needs_database: !matches!(gate, Gate::Public(_)),
            reader,
        };
        let handler = axum::routing::on(filter, handler)
            .layer(middleware::from_fn_with_state((self.site.clone(), guard), gate::pass));
        self.router = self.router.route(path, handler);
        self.mounted.push(Mounted { method, path: path.to_owned(), gate });
        Ok(self)
    }

    pub fn finish(self) -> (Router<Site>, Vec<Mounted>) {
        (self.router, self.mounted)
    }
}
