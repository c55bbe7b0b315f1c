use crate::{ChannelId, EnvironmentId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $words:literal);+ $(;)?) => {
        /// What sort of change it is. Texts are part of the REST interface: only added to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ChangeKind { $($(#[$doc])* #[serde(rename = $text)] $name),+ }
        impl ChangeKind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// For a filter or a legend.
            pub const fn words(self) -> &'static str { match self { $(Self::$name => $words),+ } }
            pub fn parse(s: &str) -> Option<Self> { Self::ALL.iter().copied().find(|k| k.as_str() == s) }
        }
    };
}

kinds! {
    SourceUp = "source_up", "source reached again";
    SourceDown = "source_down", "source can't be reached";
    SourcePaused = "source_paused", "source paused or off";
    SourceAdded = "source_added", "source added";
    SourceRemoved = "source_removed", "source removed";
    /// Address, ceilings or patterns of a source.
    Configuration = "configuration", "configuration";
    Channels = "channels", "channels appeared or vanished";
    Partitions = "partitions", "partitions added or made again";
    Gap = "gap", "gap";
    /// Reported from outside: by CI, or by a person.
    Deployment = "deployment", "deployment";
    /// Another version of an application seen in traffic, or reported.
    Version = "version", "application version";
    Rule = "rule", "rule edited";
    Other = "other", "other";
}

/// One change as a caller may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeShown {
    pub id: i64,
    pub at: Timestamp,
    pub kind: ChangeKind,
    pub environment: Option<EnvironmentId>,
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
    pub subject: Option<String>,
    pub title: String,
    pub detail: String,
    /// A path of this console, or an `https` address that was reported with it.
    pub link: Option<String>,
    pub actor: Option<String>,
}

/// Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePage {
    pub changes: Vec<ChangeShown>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// Channels whose changes are left out.
    pub hidden_channels: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(ChangeKind::parse("nonsense"), None);
    }
}
