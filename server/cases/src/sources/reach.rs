use crate::views::Sight;
use weir_domain::{
    CaseError, Timestamp,
    access::{Caller, Permission, Role},
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
    source.may_pause = caller.may(Permission::SourcesPause)
        && !source.orphan
        && sight.reaches_whole_source(source.environment, source.id);
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
