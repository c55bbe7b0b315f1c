use super::Permission::{self, *};

/// What a use case asks of its caller before anything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Named exceptions: log-in, first set-up, an invitation's link, health, static files.
    Public,
    SignedIn,
    Needs(Permission),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Query,
    Command,
    Stream,
}

/// What a call of it leaves in the audit log. Besides, each refusal leaves one entry, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// One entry before the act. If it can't be written, the act does not happen. (Positions that a program reports again and
    /// again: one entry for the first of an hour.)
    Act,
    /// One entry before anything is shown: what was found, the keys of it, or that nothing was. If it can't be written,
    /// nothing is shown.
    View,
    /// What goes on for a while: one entry when it begins, at most one a minute while it shows something, one at its
    /// end, with counts and keys.
    Batched,
    /// Names, states and figures that pages ask for again and again: nothing. (A completion that confirms a key leaves
    /// an entry like a view: it answers a search.)
    Quiet,
}

/// One entry per use case. Routes, server functions and streams are mounted by `name`; the access
/// test walks what is mounted and fails on a name that is not here (decision 12).
#[derive(Debug, Clone, Copy)]
pub struct UseCase {
    pub name: &'static str,
    pub access: Access,
    pub kind: Kind,
    /// Refused to personal tokens, whatever they may otherwise: what makes tokens or changes an account (what is stolen
    /// with one token must not outlive it), and what a second person answers for.
    pub sessions_only: bool,
    pub audit: Audit,
    /// What somebody did who called it, for the audit page: "mara <opened an event>".
    pub did: &'static str,
}

const fn case(name: &'static str, access: Access, kind: Kind, audit: Audit, did: &'static str) -> UseCase {
    UseCase { name, access, kind, sessions_only: false, audit, did }
}

/// One that asks for a person who signed in with their password.
const fn in_person(name: &'static str, access: Access, kind: Kind, audit: Audit, did: &'static str) -> UseCase {
    UseCase { sessions_only: true, ..case(name, access, kind, audit, did) }
}

pub const USE_CASES: &[UseCase] = &[
    case("access/log_in", Access::Public, Kind::Command, Audit::Act, "signed in"),
    in_person("access/log_out", Access::SignedIn, Kind::Command, Audit::Act, "signed out"),
    case("access/set_up", Access::Public, Kind::Command, Audit::Act, "created the first administrator"),
    case("access/me", Access::SignedIn, Kind::Query, Audit::Quiet, "asked who is signed in"),
    case("access/page", Access::SignedIn, Kind::Query, Audit::Quiet, "opened a page"),
    in_person("access/account", Access::SignedIn, Kind::Query, Audit::Quiet, "opened their account"),
    in_person("access/rename", Access::SignedIn, Kind::Command, Audit::Act, "changed their name"),
    in_person("access/password", Access::SignedIn, Kind::Command, Audit::Act, "changed their password"),
    in_person("access/sessions", Access::SignedIn, Kind::Query, Audit::Quiet, "listed their sessions"),
    in_person("access/end_session", Access::SignedIn, Kind::Command, Audit::Act, "ended sessions of theirs"),
    in_person("access/ask", Access::SignedIn, Kind::Command, Audit::Act, "asked for a role"),
    case("people/list", Access::Needs(PeopleEdit), Kind::Query, Audit::View, "listed people"),
    case("people/detail", Access::Needs(PeopleEdit), Kind::Query, Audit::View, "opened a person"),
    case("people/invite", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "invited a person"),
    case("people/change", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "changed a person"),
    case("people/deactivate", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "deactivated a person"),
    case("people/reactivate", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "reactivated a person"),
    case("people/reset", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "made a link for a new password"),
    case("people/revoke_invite", Access::Needs(PeopleEdit), Kind::Command, Audit::Act, "took an invitation back"),
    case("people/accept", Access::Public, Kind::Command, Audit::Act, "followed a one-time link"),
    case("people/requests", Access::Needs(PeopleEdit), Kind::Query, Audit::View, "listed requests for access"),
    case(
        "people/answer_request",
        Access::Needs(PeopleEdit),
        Kind::Command,
        Audit::Act,
        "answered a request for access",
    ),
    case("catalog/complete", Access::Needs(CatalogSee), Kind::Query, Audit::Quiet, "looked for names"),
    case("catalog/channel", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "opened a channel"),
    case("changes/list", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "listed changes"),
    case("changes/report", Access::Needs(ChangesReport), Kind::Command, Audit::Act, "reported a change"),
    case("overview/summary", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "opened the overview"),
    case("overview/live", Access::Needs(SourcesSee), Kind::Stream, Audit::Quiet, "followed the overview"),
    case("capture/list", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "listed what is captured"),
    case("capture/detail", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "opened a channel's capture"),
    case("capture/budget", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "looked at the store's budget"),
    case("capture/set_budget", Access::Needs(CaptureEdit), Kind::Command, Audit::Act, "changed the store's budget"),
    case("capture/set", Access::Needs(CaptureEdit), Kind::Command, Audit::Act, "changed what is captured of a channel"),
    case("events/around", Access::Needs(EventsExist), Kind::Query, Audit::View, "looked around an event"),
    case("events/breakdown", Access::Needs(EventsExist), Kind::Query, Audit::View, "counted what a search finds"),
    case("events/list", Access::Needs(EventsExist), Kind::Query, Audit::View, "searched events"),
    case("events/table", Access::Needs(EventsExist), Kind::Query, Audit::View, "read a table of events"),
    case("events/keys", Access::Needs(EventsKey), Kind::Query, Audit::View, "looked for a list of keys"),
    case("events/detail", Access::Needs(EventsExist), Kind::Query, Audit::View, "opened an event"),
    case("events/missing", Access::Needs(EventsExist), Kind::Query, Audit::View, "asked why an event has no content"),
    case("events/gone", Access::Needs(EventsExist), Kind::Query, Audit::View, "asked what became of an event"),
    case("events/links", Access::Needs(EventsExist), Kind::Query, Audit::View, "saw where an event's values lead"),
    case("events/payload", Access::Needs(EventsPayload), Kind::Query, Audit::View, "downloaded a payload"),
    case("events/live", Access::Needs(EventsPayload), Kind::Query, Audit::View, "read an event from its broker"),
    case(
        "events/from_broker",
        Access::Needs(EventsPayload),
        Kind::Query,
        Audit::Batched,
        "searched events in their broker",
    ),
    case("events/export", Access::Needs(EventsExport), Kind::Query, Audit::Batched, "exported events"),
    case("events/tail", Access::Needs(EventsExist), Kind::Stream, Audit::Batched, "followed events"),
    case("sources/list", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "listed sources"),
    case("sources/detail", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "opened a source"),
    case("sources/pause", Access::Needs(SourcesPause), Kind::Command, Audit::Act, "paused a source"),
    case("sources/resume", Access::Needs(SourcesPause), Kind::Command, Audit::Act, "resumed a source"),
    case("sources/settings", Access::Needs(SourcesEdit), Kind::Query, Audit::Quiet, "opened a source's settings"),
    case("sources/examine", Access::Needs(SourcesEdit), Kind::Command, Audit::Act, "tried a connection"),
    case("sources/preview", Access::Needs(SourcesEdit), Kind::Command, Audit::Act, "previewed a source's channels"),
    case("sources/add", Access::Needs(SourcesEdit), Kind::Command, Audit::Act, "added a source"),
    case("sources/edit", Access::Needs(SourcesEdit), Kind::Command, Audit::Act, "edited a source"),
    case(
        "sources/policy",
        Access::Needs(SourcesEdit),
        Kind::Command,
        Audit::Act,
        "changed what is captured of a source",
    ),
    case("sources/remove", Access::Needs(SourcesEdit), Kind::Command, Audit::Act, "removed a source"),
    case("backfill/list", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "looked at what is filled"),
    case(
        "backfill/start",
        Access::Needs(CaptureEdit),
        Kind::Command,
        Audit::Act,
        "began to fill what lies before capture",
    ),
    case("backfill/pause", Access::Needs(CaptureEdit), Kind::Command, Audit::Act, "paused a filling"),
    case("backfill/stop", Access::Needs(CaptureEdit), Kind::Command, Audit::Act, "stopped a filling"),
    case("backfill/content", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "looked for content to fill"),
    case("backfill/fill_content", Access::Needs(CaptureEdit), Kind::Command, Audit::Act, "began to fill content"),
    case(
        "backfill/pause_content",
        Access::Needs(CaptureEdit),
        Kind::Command,
        Audit::Act,
        "paused a filling of content",
    ),
    case(
        "backfill/stop_content",
        Access::Needs(CaptureEdit),
        Kind::Command,
        Audit::Act,
        "stopped a filling of content",
    ),
    case("lag/groups", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "listed consumer groups"),
    case("lag/group", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "opened a consumer group"),
    case("lag/history", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "looked at a consumer group's past"),
    case("lag/hot_key", Access::Needs(LagSee), Kind::Query, Audit::View, "looked for the key of a busy partition"),
    case("lag/export", Access::Needs(LagSee), Kind::Query, Audit::Batched, "exported consumer groups"),
    case("lag/settings", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "changed a consumer group's settings"),
    case("lag/archive", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "archived a consumer group"),
    case("lag/plan", Access::Needs(LagReset), Kind::Query, Audit::Quiet, "looked at what a reset would do"),
    case("lag/reset", Access::Needs(LagReset), Kind::Command, Audit::Act, "moved a consumer group's positions"),
    case("lag/undo", Access::Needs(LagReset), Kind::Command, Audit::Act, "took a reset of positions back"),
    case("lag/report", Access::Needs(LagReport), Kind::Command, Audit::Act, "reported a consumer group's positions"),
    case("lag/delete", Access::Needs(LagReset), Kind::Command, Audit::Act, "deleted a consumer group"),
    case("verify/list", Access::Needs(SourcesSee), Kind::Query, Audit::Quiet, "looked at what was compared"),
    case("verify/run", Access::Needs(SourcesPause), Kind::Command, Audit::Act, "compared events with their broker"),
    in_person("tokens/list", Access::SignedIn, Kind::Query, Audit::Quiet, "listed their tokens"),
    in_person("tokens/create", Access::SignedIn, Kind::Command, Audit::Act, "made a token"),
    in_person("tokens/revoke", Access::SignedIn, Kind::Command, Audit::Act, "revoked a token"),
    case("searches/list", Access::SignedIn, Kind::Query, Audit::Quiet, "listed saved searches"),
    case("searches/save", Access::SignedIn, Kind::Command, Audit::Act, "saved a search"),
    case("searches/rename", Access::SignedIn, Kind::Command, Audit::Act, "renamed a saved search"),
    case("searches/share", Access::SignedIn, Kind::Command, Audit::Act, "changed who sees a saved search"),
    case("searches/remove", Access::SignedIn, Kind::Command, Audit::Act, "removed a saved search"),
    case("links/keep", Access::Needs(EventsExist), Kind::Command, Audit::Act, "made a link to a search"),
    case("links/open", Access::Needs(EventsExist), Kind::Query, Audit::Quiet, "opened a link to a search"),
    case("links/templates", Access::Needs(PoliciesSee), Kind::Query, Audit::Quiet, "listed link templates"),
    case("links/add", Access::Needs(PoliciesEdit), Kind::Command, Audit::Act, "added a link template"),
    case("links/remove", Access::Needs(PoliciesEdit), Kind::Command, Audit::Act, "removed a link template"),
    case("erasures/list", Access::Needs(EventsErase), Kind::Query, Audit::Quiet, "listed erasures"),
    case("erasures/detail", Access::Needs(EventsErase), Kind::Query, Audit::View, "opened an erasure"),
    case("erasures/ask", Access::Needs(EventsErase), Kind::Command, Audit::Act, "asked for an erasure"),
    in_person("erasures/approve", Access::Needs(EventsErase), Kind::Command, Audit::Act, "approved an erasure"),
    case("erasures/decline", Access::Needs(EventsErase), Kind::Command, Audit::Act, "declined an erasure"),
    case("erasures/withdraw", Access::Needs(EventsErase), Kind::Command, Audit::Act, "withdrew an erasure"),
    case("holds/list", Access::Needs(EventsErase), Kind::Query, Audit::Quiet, "listed holds"),
    case("holds/place", Access::Needs(EventsErase), Kind::Command, Audit::Act, "placed a hold"),
    case("holds/end", Access::Needs(EventsErase), Kind::Command, Audit::Act, "ended a hold"),
    case("monitors/alerts", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "listed alerts"),
    case("monitors/alert", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "opened an alert"),
    case("monitors/acknowledge", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "took an alert in hand"),
    case("monitors/snooze", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "snoozed an alert"),
    case("monitors/list", Access::Needs(LagSee), Kind::Query, Audit::Quiet, "listed rules"),
    case("monitors/set_rule", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "changed a rule"),
    case("monitors/remove_rule", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "removed a rule"),
    case("monitors/maintenance", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "set a maintenance window"),
    case(
        "monitors/end_maintenance",
        Access::Needs(MonitorsEdit),
        Kind::Command,
        Audit::Act,
        "ended a maintenance window",
    ),
    case("monitors/outlets", Access::Needs(MonitorsEdit), Kind::Query, Audit::Quiet, "listed outlets"),
    case("monitors/add_outlet", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "added an outlet"),
    case("monitors/edit_outlet", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "changed an outlet"),
    case("monitors/remove_outlet", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "removed an outlet"),
    case("monitors/test_outlet", Access::Needs(MonitorsEdit), Kind::Command, Audit::Act, "sent a test to an outlet"),
    case(
        "monitors/set_heartbeat",
        Access::Needs(MonitorsEdit),
        Kind::Command,
        Audit::Act,
        "set the heartbeat's address",
    ),
    case("audit/list", Access::Needs(AuditSee), Kind::Query, Audit::View, "searched the audit log"),
    case("audit/detail", Access::Needs(AuditSee), Kind::Query, Audit::View, "opened an audit entry"),
    case("audit/export", Access::Needs(AuditSee), Kind::Query, Audit::Batched, "exported the audit log"),
];

/// Looks a use case up by name.
pub fn use_case(name: &str) -> Option<&'static UseCase> {
    USE_CASES.iter().find(|u| u.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_has_its_entry_before() {
        for u in USE_CASES {
            assert_eq!(u.kind == Kind::Command, u.audit == Audit::Act, "{}", u.name);
        }
    }

    #[test]
    fn names_are_unique_and_formed_slice_act() {
        for (i, u) in USE_CASES.iter().enumerate() {
            assert!(u.name.split('/').count() == 2, "{}", u.name);
            assert!(!u.did.is_empty() && u.did.starts_with(|c: char| c.is_ascii_lowercase()), "{}: {}", u.name, u.did);
            assert!(USE_CASES[..i].iter().all(|o| o.name != u.name), "{} twice", u.name);
        }
    }
}
