use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// Permissions are named `slice.act`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission { $(#[serde(rename = $text)] $name),+ }
        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            pub fn parse(s: &str) -> Option<Self> { Self::ALL.iter().copied().find(|p| p.as_str() == s) }
        }
    };
}

permissions! {
    EventsExist = "events.exist",
    EventsKey = "events.key",
    EventsHeaders = "events.headers",
    EventsPayload = "events.payload",
    EventsExport = "events.export",
    EventsErase = "events.erase",
    LagSee = "lag.see",
    LagReset = "lag.reset",
    LagReport = "lag.report",
    FlowsSee = "flows.see",
    FlowsModel = "flows.model",
    FailuresSee = "failures.see",
    FailuresTriage = "failures.triage",
    ReplayDraft = "replay.draft",
    ReplayRun = "replay.run",
    ReplayApprove = "replay.approve",
    CatalogSee = "catalog.see",
    SchemasEdit = "schemas.edit",
    SchemasSee = "schemas.see",
    PoliciesEdit = "policies.edit",
    PoliciesSee = "policies.see",
    ChangesReport = "changes.report",
    SourcesSee = "sources.see",
    SourcesPause = "sources.pause",
    SourcesEdit = "sources.edit",
    CaptureEdit = "capture.edit",
    MonitorsEdit = "monitors.edit",
    PeopleEdit = "people.edit",
    AuditSee = "audit.see",
}
