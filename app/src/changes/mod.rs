//! What changed: the feed as a page, drawn by the server.

#[cfg(feature = "ssr")]
mod page;

#[cfg(feature = "ssr")]
pub(crate) use page::changes;

use weir_domain::changes::ChangeKind;

/// The icon of a kind of change.
pub(crate) const fn icon(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::SourceUp | ChangeKind::SourceAdded => "plug",
        ChangeKind::SourceDown | ChangeKind::SourceRemoved => "stop",
        ChangeKind::SourcePaused => "pause",
        ChangeKind::Gap => "gap",
        ChangeKind::Deployment | ChangeKind::Version => "box",
        ChangeKind::Channels | ChangeKind::Partitions => "events",
        ChangeKind::Configuration | ChangeKind::Rule | ChangeKind::Other => "gear",
    }
}
