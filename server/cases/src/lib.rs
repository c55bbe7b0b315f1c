//! What a person can do, one file per use case, by slice. Server functions, REST and streams call
//! these and nothing below them: here, and only here, a call is authorised, gets its view, and has
//! its answer masked (decision 12).
//!
//! The way of every use case: [`views::Views::authorise`] by its name in
//! [`weir_domain::access::USE_CASES`] → ports with that view → shaping.

pub mod access;
pub mod audit;
pub mod backfill;
pub mod capture;
pub mod catalog;
pub mod changes;
pub mod erasures;
pub mod events;
mod export;
pub mod holds;
mod id;
pub mod links;
pub mod monitors;
pub mod overview;
pub mod people;
pub mod searches;
pub mod sources;
mod stream;
pub mod tokens;
pub mod verify;
mod views;

pub use stream::{Bye, Frame, FrameStream, Recheck};

use std::sync::Arc;
use weir_domain::{
    Clock,
    access::{
        Accounts, SystemView,
        people::{OwnAccount, People, Requests},
    },
    audit::AuditLog,
    backfill::{Backfills, Contents},
    capture::{Budgets, ChannelPolicies},
    catalog::Catalog,
    changes::Changes,
    erasures::{Erasures, SubjectVault},
    events::{EventRows, LiveReads, News},
    holds::Holds,
    links::Links,
    monitors::{Monitors, OutletVault, Sender},
    overview::Overview,
    searches::SavedSearches,
    sources::{MadeSources, Prober, Sources, Vault},
    tokens::Tokens,
    verify::{VerifyNow, Verifying},
};

/// What the use cases stand on; the composition root fills it.
pub struct Ports {
    pub accounts: Arc<dyn Accounts>,
    pub people: Arc<dyn People>,
    pub own: Arc<dyn OwnAccount>,
    pub requests: Arc<dyn Requests>,
    pub catalog: Arc<dyn Catalog>,
    pub policies: Arc<dyn ChannelPolicies>,
    pub budgets: Arc<dyn Budgets>,
    pub changes: Arc<dyn Changes>,
    pub events: Arc<dyn EventRows>,
    pub live: Arc<dyn LiveReads>,
    pub sources: Arc<dyn Sources>,
    pub made: Arc<dyn MadeSources>,
    pub vault: Arc<dyn Vault>,
    pub prober: Arc<dyn Prober>,
    pub overview: Arc<dyn Overview>,
    pub backfills: Arc<dyn Backfills>,
    pub contents: Arc<dyn Contents>,
    pub verifying: Arc<dyn Verifying>,
    pub verify_now: Arc<dyn VerifyNow>,
    pub clock: Arc<dyn Clock>,
    pub news: Arc<dyn News>,
    pub tokens: Arc<dyn Tokens>,
    pub searches: Arc<dyn SavedSearches>,
    pub links: Arc<dyn Links>,
    pub monitors: Arc<dyn Monitors>,
    pub outlet_vault: Arc<dyn OutletVault>,
    pub sender: Arc<dyn Sender>,
    pub erasures: Arc<dyn Erasures>,
    pub subjects: Arc<dyn SubjectVault>,
    pub holds: Arc<dyn Holds>,
    pub audit: Arc<dyn AuditLog>,
    /// Of the whole installation: nothing is written to any broker.
    pub read_only: bool,
    /// Used for one thing: reading the whole catalog, from which each caller's view is cut.
    pub system: SystemView,
}

/// Every use case. Cheap to share; holds no state but caches.
pub struct Cases {
    pub audit: audit::AuditCases,
    /// Has to [`audit::Auditor::settle`] before the store is closed.
    pub auditor: audit::Auditor,
    pub access: access::AccessCases,
    pub people: people::PeopleCases,
    pub capture: capture::CaptureCases,
    pub catalog: catalog::CatalogCases,
    pub changes: changes::ChangesCases,
    pub overview: overview::OverviewCases,
    pub events: events::EventsCases,
    pub sources: sources::SourcesCases,
    pub tokens: tokens::TokensCases,
    pub searches: searches::SearchesCases,
    pub links: links::LinksCases,
    pub monitors: monitors::MonitorsCases,
    pub erasures: erasures::ErasuresCases,
    pub holds: holds::HoldsCases,
    pub verify: verify::VerifyCases,
    pub backfill: backfill::BackfillCases,
}

impl Cases {
    pub fn new(ports: Ports) -> Self {
        let Ports {
            accounts,
            people,
            own,
            requests,
            catalog,
            policies,
            budgets,
            changes,
            events,
            live,
            sources,
            made,
            vault,
            prober,
            overview,
            backfills,
            contents,
            verifying,
            verify_now,
            clock,
            news,
            tokens,
            searches,
            links,
            monitors,
            outlet_vault,
            sender,
            erasures,
            subjects,
            holds,
            audit,
            read_only,
            system,
        } = ports;
        let auditor = audit::Auditor::new(Arc::clone(&audit), Arc::clone(&clock));
        let views = Arc::new(views::Views::new(Arc::clone(&catalog), system, auditor.clone()));
        let sign_outs = Arc::new(stream::SignOuts::default());
        let hashing = Arc::new(access::hashing::Hashing::default());
        let access = access::AccessCases::new(access::Parts {
            accounts,
            people: Arc::clone(&people),
            own,
            requests: Arc::clone(&requests),
            views: Arc::clone(&views),
            clock: Arc::clone(&clock),
            sign_outs: Arc::clone(&sign_outs),
            hashing: Arc::clone(&hashing),
            auditor: auditor.clone(),
            read_only,
        });
        Self {
            holds: holds::HoldsCases::new(holds::Parts {
                holds,
                erasures: Arc::clone(&erasures),
                log: Arc::clone(&audit),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
            }),
            erasures: erasures::ErasuresCases::new(erasures, subjects, Arc::clone(&views), Arc::clone(&clock)),
            audit: audit::AuditCases::new(audit::Parts {
                log: audit,
                views: Arc::clone(&views),
                sign_outs: Arc::clone(&sign_outs),
            }),
            people: people::PeopleCases::new(people::Parts {
                people,
                requests,
                access: access.clone(),
                auditor: auditor.clone(),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
                sign_outs: Arc::clone(&sign_outs),
            }),
            access,
            searches: searches::SearchesCases::new(searches, Arc::clone(&views), Arc::clone(&clock)),
            links: links::LinksCases::new(Arc::clone(&links), Arc::clone(&views), Arc::clone(&clock)),
            monitors: monitors::MonitorsCases::new(monitors::Parts {
                monitors,
                vault: outlet_vault,
                sender,
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
            }),
            tokens: tokens::TokensCases::new(
                tokens,
                Arc::clone(&views),
                Arc::clone(&clock),
                Arc::clone(&sign_outs),
                auditor.clone(),
            ),
            capture: capture::CaptureCases::new(
                Arc::clone(&policies),
                Arc::clone(&budgets),
                Arc::clone(&views),
                Arc::clone(&clock),
            ),
            catalog: catalog::CatalogCases::new(catalog, Arc::clone(&views)),
            changes: changes::ChangesCases::new(Arc::clone(&changes), Arc::clone(&views), Arc::clone(&clock)),
            backfill: backfill::BackfillCases::new(backfill::Parts {
                backfills,
                contents,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
            }),
            verify: verify::VerifyCases::new(verify::Parts {
                verifying: Arc::clone(&verifying),
                now: verify_now,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
            }),
            overview: overview::OverviewCases::new(overview::Parts {
                overview,
                verifying: Arc::clone(&verifying),
                budgets,
                changes,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
                news: Arc::clone(&news),
                sign_outs: Arc::clone(&sign_outs),
            }),
            events: events::EventsCases::new(events::Parts {
                rows: events,
                live,
                links,
                policies,
                verifying,
                sources: Arc::clone(&sources),
                views: Arc::clone(&views),
                clock: Arc::clone(&clock),
                news,
                sign_outs,
            }),
            sources: sources::SourcesCases::new(sources::Parts { sources, made, vault, prober, views, clock }),
            auditor,
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
    access::page::NAME,
    access::account::NAME,
    access::rename::NAME,
    access::password::NAME,
    access::sessions::NAME,
    access::end_session::NAME,
    access::ask::NAME,
    people::list::NAME,
    people::detail::NAME,
    people::invite::NAME,
    people::change::NAME,
    people::deactivate::NAME,
    people::reactivate::NAME,
    people::reset::NAME,
    people::revoke_invite::NAME,
    people::accept::NAME,
    people::requests::NAME,
    people::answer_request::NAME,
    capture::budget::NAME,
    capture::set_budget::NAME,
    capture::list::NAME,
    capture::detail::NAME,
    capture::set::NAME,
    catalog::complete::NAME,
    changes::list::NAME,
    changes::report::NAME,
    overview::summary::NAME,
    overview::live::NAME,
    events::around::NAME,
    events::breakdown::NAME,
    events::list::NAME,
    events::table::NAME,
    events::keys::NAME,
    events::detail::NAME,
    events::missing::NAME,
    events::gone::NAME,
    events::links::NAME,
    events::payload::NAME,
    events::live::NAME,
    events::from_broker::NAME,
    events::export::NAME,
    events::tail::NAME,
    sources::list::NAME,
    sources::detail::NAME,
    sources::pause::NAME,
    sources::resume::NAME,
    sources::settings::NAME,
    sources::examine::NAME,
    sources::preview::NAME,
    sources::add::NAME,
    sources::edit::NAME,
    sources::policy::NAME,
    sources::remove::NAME,
    tokens::list::NAME,
    tokens::create::NAME,
    tokens::revoke::NAME,
    backfill::list::NAME,
    backfill::start::NAME,
    backfill::hold::PAUSE,
    backfill::hold::STOP,
    backfill::content::NAME,
    backfill::content::FILL,
    backfill::content::PAUSE,
    backfill::content::STOP,
    verify::list::NAME,
    verify::run::NAME,
    searches::list::NAME,
    searches::save::NAME,
    searches::rename::NAME,
    searches::share::NAME,
    searches::remove::NAME,
    links::keep::NAME,
    links::open::NAME,
    links::templates::NAME,
    links::add::NAME,
    links::remove::NAME,
    erasures::list::NAME,
    erasures::detail::NAME,
    erasures::ask::NAME,
    erasures::approve::NAME,
    erasures::decline::NAME,
    erasures::withdraw::NAME,
    holds::list::NAME,
    holds::place::NAME,
    holds::end::NAME,
    monitors::alerts::NAME,
    monitors::alert::NAME,
    monitors::acknowledge::NAME,
    monitors::snooze::NAME,
    monitors::list::NAME,
    monitors::set_rule::NAME,
    monitors::remove_rule::NAME,
    monitors::maintenance::NAME,
    monitors::maintenance::END,
    monitors::outlets::NAME,
    monitors::add_outlet::NAME,
    monitors::edit_outlet::NAME,
    monitors::remove_outlet::NAME,
    monitors::test_outlet::NAME,
    monitors::set_heartbeat::NAME,
    audit::list::NAME,
    audit::detail::NAME,
    audit::export::NAME,
];
