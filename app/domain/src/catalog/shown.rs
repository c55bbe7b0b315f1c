use crate::{ChannelId, EnvironmentId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentShown {
    pub id: EnvironmentId,
    pub name: String,
    pub production: bool,
    /// A name of the palette, as configured.
    pub colour: Option<String>,
}

/// Who is signed in, and what the shell needs to draw itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    pub login: String,
    pub roles: Vec<String>,
    /// Permission names, so that the page offers only what works.
    pub permissions: Vec<String>,
    pub environments: Vec<EnvironmentShown>,
    /// Requests for access that wait for an answer; 0 for who can't give one.
    pub requests: u32,
    /// The installation writes to no broker.
    pub read_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    Channel,
    EventType,
    Source,
    /// The text is the key of at least one stored event.
    Key,
}

/// A line of the command palette or of a filter's completion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    pub kind: CompletionKind,
    pub text: String,
    /// Source and environment, for telling namesakes apart.
    pub note: String,
    pub channel: Option<ChannelId>,
    pub source: Option<crate::SourceId>,
}

/// What completes a text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    pub lines: Vec<Completion>,
    /// "n channels you may not see": those of the environment, whatever the text, which must not find them.
    pub hidden_channels: u32,
}
