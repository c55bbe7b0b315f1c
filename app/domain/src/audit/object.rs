use crate::{
    AlertId, ChannelId, ErasureId, EventId, GroupId, HoldId, OutletId, PersonId, RuleId, SearchId, SourceId,
    TemplateId, WindowId,
};

macro_rules! kinds {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// What an act can be about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ObjectKind { $($name),+ }
        impl ObjectKind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
        }
    };
}

kinds! {
    Event = "event",
    Channel = "channel",
    Source = "source",
    Person = "person",
    Token = "token",
    Search = "search",
    Link = "link",
    Template = "template",
    Erasure = "erasure",
    Hold = "hold",
    Alert = "alert",
    Rule = "rule",
    Outlet = "outlet",
    Window = "window",
    Group = "group",
    Entry = "audit",
}

/// What an act was about. Its name is kept beside its id, so that the entry can be read when it is renamed or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub kind: ObjectKind,
    pub id: String,
    pub name: Option<String>,
    /// Where it lies, so that what happened in a channel or a source is found by it.
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
}

impl Object {
    fn new(kind: ObjectKind, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(str::to_owned), source: None, channel: None }
    }
    /// Of `within` (source, channel, the channel's name) as far as it may be named.
    pub fn event(id: EventId, within: Option<(SourceId, ChannelId, &str)>) -> Self {
        let (source, channel) = (within.map(|w| w.0), within.map(|w| w.1));
        Self { source, channel, ..Self::new(ObjectKind::Event, id, within.map(|w| w.2)) }
    }
    pub fn channel(id: ChannelId, source: SourceId, name: &str) -> Self {
        Self { source: Some(source), channel: Some(id), ..Self::new(ObjectKind::Channel, id, Some(name)) }
    }
    pub fn source(id: SourceId, name: Option<&str>) -> Self {
        Self { source: Some(id), ..Self::new(ObjectKind::Source, id, name) }
    }
    pub fn person(id: &PersonId, login: &str) -> Self {
        Self::new(ObjectKind::Person, &id.0, Some(login))
    }
    /// A token by the id and the name its owner knows it by; never the token.
    pub fn token(id: &str, name: &str) -> Self {
        Self::new(ObjectKind::Token, id, Some(name))
    }
    /// A saved search by its name; never what it asks for.
    pub fn search(id: &SearchId, name: &str) -> Self {
        Self::new(ObjectKind::Search, &id.0, Some(name))
    }
    /// A template of links by the name of what it leads to.
    pub fn template(id: &TemplateId, name: &str) -> Self {
        Self::new(ObjectKind::Template, &id.0, Some(name))
    }
    /// A request for an erasure; never what it is to erase.
    pub fn erasure(id: &ErasureId) -> Self {
        Self::new(ObjectKind::Erasure, &id.0, None)
    }
    pub fn hold(id: &HoldId, name: &str) -> Self {
        Self::new(ObjectKind::Hold, &id.0, Some(name))
    }
    /// An alert by the group or source that it is about.
    pub fn alert(id: &AlertId, source: SourceId, about: &str) -> Self {
        Self { source: Some(source), ..Self::new(ObjectKind::Alert, &id.0, Some(about)) }
    }
    /// A rule by its kind.
    pub fn rule(id: &RuleId, kind: &str) -> Self {
        Self::new(ObjectKind::Rule, &id.0, Some(kind))
    }
    /// An outlet by its name; never what it is reached with.
    pub fn outlet(id: &OutletId, name: &str) -> Self {
        Self::new(ObjectKind::Outlet, &id.0, Some(name))
    }
    pub fn window(id: &WindowId) -> Self {
        Self::new(ObjectKind::Window, &id.0, None)
    }
    /// A consumer group of a source.
    pub fn group(id: GroupId, source: SourceId, name: &str) -> Self {
        Self { source: Some(source), ..Self::new(ObjectKind::Group, id, Some(name)) }
    }
    pub fn entry(id: super::EntryId) -> Self {
        Self::new(ObjectKind::Entry, id, None)
    }
}
