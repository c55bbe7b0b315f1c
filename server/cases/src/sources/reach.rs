use crate::views::Sight;
use weir_domain::{
    CaseError, Timestamp,
    access::{Caller, Permission, Role},
    audit::{About, Object},
    capture::SourceState,
    sources::{SourceShown, Sources},
};

/// The sources that the caller may know of, each saying whether they may pause it.
pub(crate) async fn visible_sources(
    sources: &dyn Sources,
    sight: &Sight,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<SourceShown>, CaseError> {
    let mut shown = sources.list(&sight.view, now).await?;
    shown.retain(|s| sight.reaches_source(s.environment, s.id));
    for s in &mut shown {
        finish(s, sight, caller);
    }
    Ok(shown)
}

/// Sets what only the use case can know.
pub(crate) fn finish(source: &mut SourceShown, sight: &Sight, caller: &Caller) {
    source.hidden_channels = sight.hidden_of(source.id);
    source.behind = known_behind(source.state, source.behind);
    source.reason = source.reason.take().map(|why| sentence(&source.name, &why));
    if source.state.stands_still() {
        // The last full minute may be one in which it was cut off half way: no rate of anything.
        source.events_per_s = None;
        source.broker_bytes_per_s = None;
    }
    source.may_pause = caller.may(Permission::SourcesPause)
        && !source.orphan
        && sight.reaches_whole_source(source.environment, source.id);
    source.may_edit = source.may_edit
        && caller.may(Permission::SourcesEdit)
        && sight.reaches_whole_source(source.environment, source.id);
}

/// How a broker or a library worded it, as a sentence. Names keep their spelling.
fn sentence(name: &str, text: &str) -> String {
    let mut text = if text.starts_with(name) { format!("Source {text}") } else { text.to_owned() };
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// How far behind a source is, as far as it can be known: what the broker of one that stands still has got since is
/// unknown, so that nothing left of what was known is not "everything was read", and a number is the least it can be.
pub(crate) fn known_behind(state: SourceState, behind: Option<u64>) -> Option<u64> {
    behind.filter(|n| *n > 0 || !state.stands_still())
}

/// How far behind a channel is. Lists of channels have no room for since when a number holds: unknown while its source
/// stands still.
pub(crate) fn known_behind_in(state: SourceState, behind: Option<u64>) -> Option<u64> {
    behind.filter(|_| !state.stands_still())
}

/// Pausing stops every channel of a source, the hidden ones too: a grant on some is not enough.
pub(super) async fn whole_source_or_refuse(source: &SourceShown, sight: &Sight) -> Result<(), CaseError> {
    if sight.reaches_whole_source(source.environment, source.id) {
        return Ok(());
    }
    let about = About::object(Object::source(source.id, Some(&source.name)));
    let needs = "sources.pause for every channel of the source";
    Err(sight.trail.refuse_as(needs, Role::with(Permission::SourcesPause), about).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_sentences() {
        assert_eq!(sentence("shop", "connection refused"), "Connection refused.");
        assert_eq!(sentence("shop", "No broker answers."), "No broker answers.");
        assert_eq!(sentence("shop", "shop at 127.0.0.1:9092 is silent"), "Source shop at 127.0.0.1:9092 is silent.");
    }

    #[test]
    fn nothing_is_known_to_be_read_of_a_broker_that_is_away() {
        assert_eq!(known_behind(SourceState::Up, Some(0)), Some(0));
        for away in [SourceState::Down, SourceState::Off, SourceState::Paused] {
            assert_eq!([Some(0), Some(7), None].map(|n| known_behind(away, n)), [None, Some(7), None]);
            assert_eq!([Some(0), Some(7), None].map(|n| known_behind_in(away, n)), [None; 3]);
        }
    }
}
