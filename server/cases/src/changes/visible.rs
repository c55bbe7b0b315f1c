use crate::views::Sight;
use weir_domain::{
    StoreError,
    changes::{ChangeCursor, ChangeFilter, ChangeShown, Changes},
};

/// Changes that the caller may know of, newest first, and where the next page begins.
pub(crate) async fn visible_changes(
    changes: &dyn Changes,
    sight: &Sight,
    filter: &ChangeFilter,
    before: Option<ChangeCursor>,
    limit: u32,
) -> Result<(Vec<ChangeShown>, Option<ChangeCursor>), StoreError> {
    let mut found = changes.list(&sight.view, filter, before, limit).await?;
    let full = u32::try_from(found.len()).is_ok_and(|n| n >= limit);
    let next = found.last().filter(|_| full).map(|c| ChangeCursor { at: c.at, id: c.id });
    found.retain(|c| may_know(c, sight));
    Ok((found, next))
}

/// A change holds for a channel, a whole source, an environment, or for everything.
fn may_know(change: &ChangeShown, sight: &Sight) -> bool {
    match (change.channel, change.source, change.environment) {
        (Some(channel), ..) => sight.channel(channel).is_some(),
        (None, Some(source), Some(environment)) => sight.reaches_source(environment, source),
        (None, Some(_), None) => false,
        (None, None, Some(environment)) => sight.reaches_environment(environment),
        (None, None, None) => true,
    }
}
