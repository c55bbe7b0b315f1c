use super::Permission::{self, *};
use serde::{Deserialize, Serialize};

/// Roles of decision 13. A person may hold several; the first administrator holds all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Operator,
    Support,
    Approver,
    Architect,
    Auditor,
    Admin,
}

const VIEWER: &[Permission] = &[EventsExist, LagSee, FlowsSee, FailuresSee, CatalogSee, SourcesSee];

impl Role {
    pub const ALL: &'static [Self] =
        &[Self::Viewer, Self::Operator, Self::Support, Self::Approver, Self::Architect, Self::Auditor, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Support => "support",
            Self::Approver => "approver",
            Self::Architect => "architect",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == s)
    }

    /// Has this role the permission? Admin rules people and sources and sees no payload.
    pub fn allows(self, p: Permission) -> bool {
        let (base, own): (&[Permission], &[Permission]) = match self {
            Self::Viewer => (VIEWER, &[]),
            Self::Operator => (VIEWER, &[SourcesPause, LagReset, LagReport, MonitorsEdit, ChangesReport]),
            Self::Support => (
                VIEWER,
                &[EventsKey, EventsHeaders, EventsPayload, EventsExport, FailuresTriage, ReplayDraft, ReplayRun],
            ),
            Self::Approver => (&[], &[ReplayApprove]),
            Self::Architect => (
                VIEWER,
                &[
                    EventsKey,
                    EventsHeaders,
                    FlowsModel,
                    SchemasEdit,
                    SchemasSee,
                    PoliciesEdit,
                    PoliciesSee,
                    ChangesReport,
                    LagReport,
                ],
            ),
            Self::Auditor => (&[], &[AuditSee]),
            Self::Admin => {
                (&[], &[PeopleEdit, SourcesSee, SourcesPause, SourcesEdit, CaptureEdit, AuditSee, EventsErase])
            }
        };
        base.contains(&p) || own.contains(&p)
    }

    /// The roles that have a permission, for "ask for the role …".
    pub fn with(p: Permission) -> Vec<&'static str> {
        Self::ALL.iter().filter(|r| r.allows(p)).map(|r| r.as_str()).collect()
    }
}
