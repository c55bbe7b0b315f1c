use super::{ChangesCases, visible_changes};
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    changes::{ChangeCursor, ChangeFilter, ChangePage},
    events::TimeRange,
};

pub const NAME: &str = "changes/list";

/// Changes of one page, at most.
pub const MOST_CHANGES: u32 = 200;
/// The longest text that is looked for, in bytes.
const LONGEST_TEXT: usize = 200;

impl ChangesCases {
    /// Newest first; `cursor` is the `next` of an earlier page, `limit` is clamped to 1..=200.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: ChangeFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ChangePage, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        if TimeRange::new(filter.range.from, filter.range.to).is_err() {
            return Err(invalid("The time range ends before it begins.", "Swap its ends."));
        }
        if filter.text.as_ref().is_some_and(|t| t.len() > LONGEST_TEXT) {
            return Err(invalid("The text to look for is longer than 200 bytes.", "Shorten it."));
        }
        let before = match cursor {
            Some(text) => Some(
                parse(text).ok_or_else(|| invalid("This is no place in the feed.", "Begin again without a cursor."))?,
            ),
            None => None,
        };
        let limit = limit.clamp(1, MOST_CHANGES);
        let (changes, next) = visible_changes(&*self.changes, &sight, &filter, before, limit).await?;
        Ok(ChangePage {
            changes,
            next: next.map(|c| format!("{}.{}", c.at.0, c.id)),
            hidden_channels: sight.view.channels().hidden(),
        })
    }
}

fn parse(text: &str) -> Option<ChangeCursor> {
    let (at, id) = text.split_once('.')?;
    Some(ChangeCursor { at: Timestamp(at.parse().ok()?), id: id.parse().ok()? })
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
}
