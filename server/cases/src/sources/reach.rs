use crate::views::Sight;
use weir_domain::{
    CaseError, Timestamp,
    access::{Caller, Permission, Role},
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
pub(super) fn finish(source: &mut SourceShown, sight: &Sight, caller: &Caller) {
    source.behind = known_behind(source.state, source.behind);
    source.may_pause = caller.may(Permission::SourcesPause)
        && !source.orphan
        && sight.reaches_whole_source(source.environment, source.id);
}

/// How far behind, as far as it can be known: what a broker that can't be asked has got since is unknown, so that
/// nothing left of what was known is not "everything was read".
pub(crate) fn known_behind(state: SourceState, behind: Option<u64>) -> Option<u64> {
    behind.filter(|n| *n > 0 || !matches!(state, SourceState::Down | SourceState::Off))
}

/// Pausing stops every channel of a source, the hidden ones too: a grant on some is not enough.
pub(super) fn whole_source_or_refuse(source: &SourceShown, sight: &Sight) -> Result<(), CaseError> {
    if sight.reaches_whole_source(source.environment, source.id) {
        return Ok(());
    }
    Err(CaseError::NotAllowed {
        needs: "sources.pause for every channel of the source",
        roles: Role::with(Permission::SourcesPause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_to_be_read_of_a_broker_that_is_away() {
        assert_eq!(known_behind(SourceState::Up, Some(0)), Some(0));
        for away in [SourceState::Down, SourceState::Off] {
            assert_eq!([Some(0), Some(7), None].map(|n| known_behind(away, n)), [None, Some(7), None]);
        }
    }
}
