//! Whoever may see the log may not therefore see every channel: what they may not see has no name in it either.

use crate::views::Sight;
use weir_domain::audit::{Entry, Facts, ObjectKind};

/// The entry as the caller may see it: who, when and what always; names and changes of channels and sources where a
/// grant reaches them.
pub(super) fn masked(mut entry: Entry, sight: &Sight) -> Entry {
    let visible = match (entry.channel, entry.source) {
        (Some(channel), _) => sight.channel(channel).is_some(),
        (None, Some(source)) => sight.names_source(source),
        // An event that nobody was shown, a channel that is gone: there is no name to keep away.
        (None, None) => true,
    };
    if !visible {
        entry.masked = true;
        let of = |kind: ObjectKind| entry.object_kind.as_deref() == Some(kind.as_str());
        if of(ObjectKind::Event) || of(ObjectKind::Channel) || of(ObjectKind::Source) {
            entry.object_name = None;
        }
        (entry.before, entry.after) = (Facts::new(), Facts::new());
    }
    entry
}
