//! `/api/v1`: use cases for programs. A file per slice; each route is mounted by the name of its use case, with the
//! method and the path that its documentation says, so that neither can be forgotten.
//!
//! - Programs come with a personal token ([`bearer`]); cookies are not looked at.
//! - What goes out is shaped here and not in the domain: shapes only grow, whatever pages come to need. Ids and
//!   positions are texts, times RFC 3339, unknown is `null`.
//! - What is not understood is refused by name ([`asked`], [`given`]), and every error is a [`Problem`].

mod asked;
mod attempts;
pub mod audit;
pub mod backfill;
mod bearer;
pub mod budget;
mod capture;
mod catalog;
mod changes;
mod channel;
mod erasures;
pub mod events;
mod given;
mod interface;
mod kinds;
pub mod lag;
mod links;
pub mod me;
mod monitors;
mod openapi;
mod overview;
pub mod people;
mod problem;
mod searches;
pub mod shared;
pub mod sources;
pub mod verify;

pub use attempts::Attempts;
pub use bearer::pass;
pub use interface::interface;
pub use openapi::text as openapi_text;
pub use problem::{Problem, written};

use axum::response::Response;
use http::StatusCode;
use weir_cases::{
    access, audit as audit_cases, backfill as backfill_cases, capture as capture_cases,
    catalog::{channel as channel_case, complete},
    changes as changes_cases, erasures as erasures_cases, events as events_cases, holds as holds_cases,
    lag as lag_cases, links as links_cases, monitors as monitors_cases, overview as overview_cases,
    people as people_cases, searches as searches_cases, sources as sources_cases, verify as verify_cases,
};

use super::mount::{Mount, MountError};

/// Shapes, for whoever asks: the command line is a client like any other.
pub mod rest {
    pub use super::{
        budget::StoreBudget,
        capture::CapturedChannels,
        events::{
            exported::ExportEnd,
            from_broker::BrokerStep,
            keys::{Key, Keys},
            shapes::{Event, Events, Scanned, Tail},
        },
        lag::{
            detail::{GroupChannel, GroupInFull, GroupPartition},
            list::{Group, Groups},
            shapes::{GroupForecast, GroupLoss, GroupTimeLag, GroupVerdict},
        },
        me::Me,
        shared::Time,
        sources::shapes::{Source, Sources},
        verify::run::{VerifyAnswer, VerifyAsked},
    };
}

/// Where it all lies.
pub const PREFIX: &str = "/api/v1";

/// Is this an address of programs?
pub fn is_ours(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Mounts every route. One more route: a line here, a line in [`openapi`], and `make lint` writes the document anew.
///
/// # Errors
/// When a use case is not listed.
pub fn mount(mount: Mount) -> Result<Mount, MountError> {
    mount
        .rest::<me::__path_me, _, _>(access::me::NAME, me::me)?
        .rest::<me::__path_environments, _, _>(access::me::NAME, me::environments)?
        .rest::<overview::__path_overview, _, _>(overview_cases::summary::NAME, overview::overview)?
        .rest::<audit::list::__path_list, _, _>(audit_cases::list::NAME, audit::list::list)?
        .rest::<audit::detail::__path_detail, _, _>(audit_cases::detail::NAME, audit::detail::detail)?
        .rest::<audit::export::__path_export, _, _>(audit_cases::export::NAME, audit::export::export)?
        .rest::<budget::__path_read, _, _>(capture_cases::budget::NAME, budget::read)?
        .rest::<budget::__path_set, _, _>(capture_cases::set_budget::NAME, budget::set)?
        .rest::<capture::__path_list, _, _>(capture_cases::list::NAME, capture::list)?
        .rest::<capture::__path_detail, _, _>(capture_cases::detail::NAME, capture::detail)?
        .rest::<capture::__path_set, _, _>(capture_cases::set::NAME, capture::set)?
        .rest::<catalog::__path_complete, _, _>(complete::NAME, catalog::complete)?
        .rest::<channel::__path_detail, _, _>(channel_case::NAME, channel::detail)?
        .rest::<changes::__path_list, _, _>(changes_cases::list::NAME, changes::list)?
        .rest::<changes::__path_report, _, _>(changes_cases::report::NAME, changes::report)?
        .rest::<events::around::__path_around, _, _>(events_cases::around::NAME, events::around::around)?
        .rest::<events::breakdown::__path_breakdown, _, _>(events_cases::breakdown::NAME, events::breakdown::breakdown)?
        .rest::<events::list::__path_list, _, _>(events_cases::list::NAME, events::list::list)?
        .rest::<events::export::__path_export, _, _>(events_cases::export::NAME, events::export::export)?
        .rest::<events::keys::__path_keys, _, _>(events_cases::keys::NAME, events::keys::keys)?
        .rest::<events::tail::__path_tail, _, _>(events_cases::tail::NAME, events::tail::tail)?
        .rest::<events::detail::__path_detail, _, _>(events_cases::detail::NAME, events::detail::detail)?
        .rest::<events::live::__path_live, _, _>(events_cases::live::NAME, events::live::live)?
        .rest::<events::from_broker::__path_from_broker, _, _>(
            events_cases::from_broker::NAME,
            events::from_broker::from_broker,
        )?
        .rest::<events::gone::__path_gone, _, _>(events_cases::gone::NAME, events::gone::gone)?
        .rest::<events::links::__path_links, _, _>(events_cases::links::NAME, events::links::links)?
        .rest::<events::missing::__path_missing, _, _>(events_cases::missing::NAME, events::missing::missing)?
        .rest::<events::payload::__path_payload, _, _>(events_cases::payload::NAME, events::payload::payload)?
        .rest::<people::read::__path_list, _, _>(people_cases::list::NAME, people::read::list)?
        .rest::<people::read::__path_detail, _, _>(people_cases::detail::NAME, people::read::detail)?
        .rest::<people::rights::__path_invite, _, _>(people_cases::invite::NAME, people::rights::invite)?
        .rest::<people::rights::__path_change, _, _>(people_cases::change::NAME, people::rights::change)?
        .rest::<people::acts::__path_deactivate, _, _>(people_cases::deactivate::NAME, people::acts::deactivate)?
        .rest::<people::acts::__path_reactivate, _, _>(people_cases::reactivate::NAME, people::acts::reactivate)?
        .rest::<people::acts::__path_reset, _, _>(people_cases::reset::NAME, people::acts::reset)?
        .rest::<people::acts::__path_revoke_invite, _, _>(
            people_cases::revoke_invite::NAME,
            people::acts::revoke_invite,
        )?
        .rest::<people::requests::__path_list, _, _>(people_cases::requests::NAME, people::requests::list)?
        .rest::<people::requests::__path_answer, _, _>(people_cases::answer_request::NAME, people::requests::answer)?
        .rest::<searches::__path_list, _, _>(searches_cases::list::NAME, searches::list)?
        .rest::<searches::__path_save, _, _>(searches_cases::save::NAME, searches::save)?
        .rest::<searches::__path_rename, _, _>(searches_cases::rename::NAME, searches::rename)?
        .rest::<searches::__path_share, _, _>(searches_cases::share::NAME, searches::share)?
        .rest::<searches::__path_remove, _, _>(searches_cases::remove::NAME, searches::remove)?
        .rest::<links::__path_keep, _, _>(links_cases::keep::NAME, links::keep)?
        .rest::<links::__path_open, _, _>(links_cases::open::NAME, links::open)?
        .rest::<links::__path_templates, _, _>(links_cases::templates::NAME, links::templates)?
        .rest::<links::__path_add, _, _>(links_cases::add::NAME, links::add)?
        .rest::<links::__path_remove, _, _>(links_cases::remove::NAME, links::remove)?
        .rest::<lag::list::__path_list, _, _>(lag_cases::groups::NAME, lag::list::list)?
        .rest::<lag::export::__path_export, _, _>(lag_cases::export::NAME, lag::export::export)?
        .rest::<lag::hot_key::__path_hot_key, _, _>(lag_cases::hot_key::NAME, lag::hot_key::hot_key)?
        .rest::<lag::detail::__path_detail, _, _>(lag_cases::group::NAME, lag::detail::detail)?
        .rest::<lag::history::__path_history, _, _>(lag_cases::history::NAME, lag::history::history)?
        .rest::<lag::acts::__path_settings, _, _>(lag_cases::settings::NAME, lag::acts::settings)?
        .rest::<lag::acts::__path_archive, _, _>(lag_cases::archive::NAME, lag::acts::archive)?
        .rest::<lag::acts::__path_delete, _, _>(lag_cases::delete::NAME, lag::acts::delete)?
        .rest::<lag::reset::__path_plan, _, _>(lag_cases::reset::PLAN, lag::reset::plan)?
        .rest::<lag::reset::__path_reset, _, _>(lag_cases::reset::NAME, lag::reset::reset)?
        .rest::<lag::reset::__path_undo, _, _>(lag_cases::reset::UNDO, lag::reset::undo)?
        .rest::<lag::report::__path_report, _, _>(lag_cases::report::NAME, lag::report::report)?
        .rest::<monitors::alerts::__path_list, _, _>(monitors_cases::alerts::NAME, monitors::alerts::list)?
        .rest::<monitors::alerts::__path_detail, _, _>(monitors_cases::alert::NAME, monitors::alerts::detail)?
        .rest::<monitors::alerts::__path_acknowledge, _, _>(
            monitors_cases::acknowledge::NAME,
            monitors::alerts::acknowledge,
        )?
        .rest::<monitors::alerts::__path_snooze, _, _>(monitors_cases::snooze::NAME, monitors::alerts::snooze)?
        .rest::<monitors::rules::__path_list, _, _>(monitors_cases::list::NAME, monitors::rules::list)?
        .rest::<monitors::rules::__path_set, _, _>(monitors_cases::set_rule::NAME, monitors::rules::set)?
        .rest::<monitors::rules::__path_remove, _, _>(monitors_cases::remove_rule::NAME, monitors::rules::remove)?
        .rest::<monitors::rules::__path_maintenance, _, _>(
            monitors_cases::maintenance::NAME,
            monitors::rules::maintenance,
        )?
        .rest::<monitors::rules::__path_end_maintenance, _, _>(
            monitors_cases::maintenance::END,
            monitors::rules::end_maintenance,
        )?
        .rest::<monitors::outlets::__path_list, _, _>(monitors_cases::outlets::NAME, monitors::outlets::list)?
        .rest::<monitors::outlets::__path_add, _, _>(monitors_cases::add_outlet::NAME, monitors::outlets::add)?
        .rest::<monitors::outlets::__path_edit, _, _>(monitors_cases::edit_outlet::NAME, monitors::outlets::edit)?
        .rest::<monitors::outlets::__path_remove, _, _>(monitors_cases::remove_outlet::NAME, monitors::outlets::remove)?
        .rest::<monitors::outlets::__path_test, _, _>(monitors_cases::test_outlet::NAME, monitors::outlets::test)?
        .rest::<monitors::outlets::__path_heartbeat, _, _>(
            monitors_cases::set_heartbeat::NAME,
            monitors::outlets::heartbeat,
        )?
        .rest::<erasures::__path_list, _, _>(erasures_cases::list::NAME, erasures::list)?
        .rest::<erasures::__path_detail, _, _>(erasures_cases::detail::NAME, erasures::detail)?
        .rest::<erasures::__path_ask, _, _>(erasures_cases::ask::NAME, erasures::ask)?
        .rest::<erasures::__path_decline, _, _>(erasures_cases::decline::NAME, erasures::decline)?
        .rest::<erasures::__path_withdraw, _, _>(erasures_cases::withdraw::NAME, erasures::withdraw)?
        .rest::<erasures::__path_holds, _, _>(holds_cases::list::NAME, erasures::holds)?
        .rest::<erasures::__path_place, _, _>(holds_cases::place::NAME, erasures::place)?
        .rest::<erasures::__path_end, _, _>(holds_cases::end::NAME, erasures::end)?
        .rest::<sources::list::__path_list, _, _>(sources_cases::list::NAME, sources::list::list)?
        .rest::<sources::detail::__path_detail, _, _>(sources_cases::detail::NAME, sources::detail::detail)?
        .rest::<sources::standing::__path_pause, _, _>(sources_cases::pause::NAME, sources::standing::pause)?
        .rest::<sources::standing::__path_resume, _, _>(sources_cases::resume::NAME, sources::standing::resume)?
        .rest::<backfill::list::__path_list, _, _>(backfill_cases::list::NAME, backfill::list::list)?
        .rest::<backfill::act::__path_start, _, _>(backfill_cases::start::NAME, backfill::act::start)?
        .rest::<backfill::act::__path_pause, _, _>(backfill_cases::hold::PAUSE, backfill::act::pause)?
        .rest::<backfill::act::__path_stop, _, _>(backfill_cases::hold::STOP, backfill::act::stop)?
        .rest::<backfill::content::__path_detail, _, _>(backfill_cases::content::NAME, backfill::content::detail)?
        .rest::<backfill::content::__path_fill, _, _>(backfill_cases::content::FILL, backfill::content::fill)?
        .rest::<backfill::content::__path_pause, _, _>(backfill_cases::content::PAUSE, backfill::content::pause)?
        .rest::<backfill::content::__path_stop, _, _>(backfill_cases::content::STOP, backfill::content::stop)?
        .rest::<verify::list::__path_list, _, _>(verify_cases::list::NAME, verify::list::list)?
        .rest::<verify::run::__path_run, _, _>(verify_cases::run::NAME, verify::run::run)?
        .rest::<sources::settings::__path_settings, _, _>(sources_cases::settings::NAME, sources::settings::settings)?
        .rest::<sources::trial::__path_examine, _, _>(sources_cases::examine::NAME, sources::trial::examine)?
        .rest::<sources::trial::__path_preview, _, _>(sources_cases::preview::NAME, sources::trial::preview)?
        .rest::<sources::add::__path_add, _, _>(sources_cases::add::NAME, sources::add::add)?
        .rest::<sources::change::__path_edit, _, _>(sources_cases::edit::NAME, sources::change::edit)?
        .rest::<sources::change::__path_policy, _, _>(sources_cases::policy::NAME, sources::change::policy)?
        .rest::<sources::change::__path_remove, _, _>(sources_cases::remove::NAME, sources::change::remove)
}

/// Addresses under [`PREFIX`] that lead nowhere: else the console's own "nothing here" would answer, after signing in.
pub async fn nothing() -> Response {
    axum::response::IntoResponse::into_response(StatusCode::NOT_FOUND)
}
