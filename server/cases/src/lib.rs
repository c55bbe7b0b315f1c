//! What a person can do, one file per use case, by slice. Server functions, REST and streams call
//! these and nothing below them: here, and only here, a call is authorised, gets its view, and has
//! its answer masked (decision 12).
//!
//! The way of every use case: [`views::Views::authorise`] by its name in
//! [`weir_domain::access::USE_CASES`] → ports with that view → shaping.

pub mod access;
pub mod catalog;
pub mod events;
pub mod overview;
pub mod sources;
mod stream;
mod views;

pub use stream::{Bye, Frame, FrameStream, Recheck};

use std::sync::Arc;
use weir_domain::{
    Clock,
    access::{Accounts, SystemView},
    catalog::Catalog,
    events::{EventRows, News},
    overview::Overview,
    sources::Sources,
};

/// What the use cases stand on; the composition root fills it.
pub struct Ports {
    pub accounts: Arc<dyn Accounts>,
    pub catalog: Arc<dyn Catalog>,
    pub events: Arc<dyn EventRows>,
    pub sources: Arc<dyn Sources>,
    pub overview: Arc<dyn Overview>,
    pub clock: Arc<dyn Clock>,
    pub news: Arc<dyn News>,
    /// Used for one thing: reading the whole catalog, from which each caller's view is cut.
    pub system: SystemView,
}

/// Every use case. Cheap to share; holds no state but caches.
pub struct Cases {
    pub access: access::AccessCases,
    pub catalog: catalog::CatalogCases,
    pub overview: overview::OverviewCases,
    pub events: events::EventsCases,
    pub sources: sources::SourcesCases,
}

impl Cases {
    pub fn new(ports: Ports) -> Self {
        let Ports { accounts, catalog, events, sources, overview, clock, news, system } = ports;
        let views = Arc::new(views::Views::new(Arc::clone(&catalog), system));
        let sign_outs = Arc::new(stream::SignOuts::default());
        Self {
            access: access::AccessCases::new(accounts, Arc::clone(&views), Arc::clone(&clock), Arc::clone(&sign_outs)),
            catalog: catalog::CatalogCases::new(catalog, Arc::clone(&views)),
            overview: overview::OverviewCases::new(overview::Parts {
                overview,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
                news: Arc::clone(&news),
                sign_outs: Arc::clone(&sign_outs),
            }),
            events: events::EventsCases::new(events::Parts {
                rows: events,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
                news,
                sign_outs,
            }),
            sources: sources::SourcesCases::new(sources, views, clock),
        }
    }
}

/// Names of the use cases that have a file here. The access test wants it equal to
/// [`weir_domain::access::USE_CASES`], and what the server mounts equal to both.
pub const IMPLEMENTED: &[&str] = &[
    access::log_in::NAME,
    access::log_out::NAME,
    access::set_up::NAME,
    access::me::NAME,
    catalog::environments::NAME,
    catalog::complete::NAME,
    overview::summary::NAME,
    overview::live::NAME,
    events::list::NAME,
    events::detail::NAME,
    events::payload::NAME,
    events::tail::NAME,
    sources::list::NAME,
    sources::detail::NAME,
    sources::pause::NAME,
    sources::resume::NAME,
];
