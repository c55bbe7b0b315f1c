use super::{Access, Grant, Origin, Permission, Role, use_case};
use crate::{CaseError, ChannelId, EnvironmentId, PersonId, SessionId, Timestamp, TokenId};

/// What a person came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A browser that signed in.
    Session,
    /// A personal token, for a program.
    Token { id: TokenId, name: String, expires: Timestamp },
}

/// Who asks: a person with what was found for their session or token. Made per request by the server. With a token
/// the roles are those that both it and its person have.
#[derive(Debug, Clone)]
pub struct Caller {
    pub person: PersonId,
    /// The session they ask in; `None` where they ask by another way.
    pub session: Option<SessionId>,
    pub login: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
    pub by: Credential,
    /// One environment, or `None` for all (`?env=`).
    pub environment: Option<EnvironmentId>,
    pub origin: Origin,
}

impl Caller {
    pub fn may(&self, p: Permission) -> bool {
        self.roles.iter().any(|r| r.allows(p))
    }
}

/// The channels a view reaches. `hidden` counts those it leaves out ("n channels you may not see").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleChannels {
    ids: Vec<ChannelId>,
    hidden: u32,
}

impl VisibleChannels {
    /// From the whole catalog: `(channel, environment, source, name)`.
    pub fn from_catalog<'a>(
        caller: &Caller,
        catalog: impl IntoIterator<Item = (ChannelId, EnvironmentId, crate::SourceId, &'a str)>,
    ) -> Self {
        let (mut ids, mut hidden) = (Vec::new(), 0);
        for (channel, environment, source, name) in catalog {
            if caller.environment.is_some_and(|e| e != environment) {
                continue;
            }
            if caller.grants.iter().any(|g| g.covers(environment, source, name)) {
                ids.push(channel);
            } else {
                hidden += 1;
            }
        }
        ids.sort_unstable();
        Self { ids, hidden }
    }
    pub fn ids(&self) -> &[ChannelId] {
        &self.ids
    }
    pub fn contains(&self, channel: ChannelId) -> bool {
        self.ids.binary_search(&channel).is_ok()
    }
    pub const fn hidden(&self) -> u32 {
        self.hidden
    }
}

/// Proof that a use case was authorised, and what it may see. Every reading port takes one; only
/// [`authorise`] makes one. Masked paths join here when classification brings them.
#[derive(Debug, Clone)]
pub struct View {
    channels: VisibleChannels,
    environment: Option<EnvironmentId>,
    key: bool,
    headers: bool,
    payload: bool,
    audit: bool,
}

impl View {
    pub fn channels(&self) -> &VisibleChannels {
        &self.channels
    }
    pub const fn environment(&self) -> Option<EnvironmentId> {
        self.environment
    }
    /// May the key be shown, searched and sorted by?
    pub const fn key(&self) -> bool {
        self.key
    }
    pub const fn headers(&self) -> bool {
        self.headers
    }
    pub const fn payload(&self) -> bool {
        self.payload
    }
    /// May the audit log be read?
    pub fn audit(&self) -> Option<AuditView> {
        self.audit.then_some(AuditView(()))
    }
}

/// Proof that the audit log may be read. It spans channels, so that no view of them bounds it.
#[derive(Debug, Clone, Copy)]
pub struct AuditView(());

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The name is not in [`super::USE_CASES`]: a defect, refused.
    Unlisted,
    /// A token asked for what needs a person who signed in.
    SessionsOnly,
    Needs(Permission),
}

impl From<Denied> for CaseError {
    fn from(d: Denied) -> Self {
        match d {
            Denied::Unlisted => Self::Internal("a use case that is not registered was called".into()),
            Denied::SessionsOnly => Self::SessionsOnly,
            Denied::Needs(p) => Self::NotAllowed { needs: p.as_str(), roles: Role::with(p) },
        }
    }
}

/// The one check of (person, permission, channel). `channels` is what the caller's grants reach.
pub fn authorise(caller: &Caller, name: &str, channels: VisibleChannels) -> Result<View, Denied> {
    let case = use_case(name).ok_or(Denied::Unlisted)?;
    if case.sessions_only && caller.by != Credential::Session {
        return Err(Denied::SessionsOnly);
    }
    if let Access::Needs(p) = case.access
        && !caller.may(p)
    {
        return Err(Denied::Needs(p));
    }
    Ok(View {
        channels,
        environment: caller.environment,
        key: caller.may(Permission::EventsKey),
        headers: caller.may(Permission::EventsHeaders),
        payload: caller.may(Permission::EventsPayload),
        audit: caller.may(Permission::AuditSee),
    })
}

/// For engines and taps: sees everything. Made only in the composition root, never serialised.
#[derive(Debug, Clone)]
pub struct SystemView(());

impl SystemView {
    /// Call this in the server's composition root and nowhere else (checked by a test that greps).
    pub const fn for_composition_root() -> Self {
        Self(())
    }
}
