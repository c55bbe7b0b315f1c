use weir_domain::{
    CaseError,
    access::{Permission, Role, View},
    events::{EventFilter, TimeRange},
};

/// Longer texts are no event type or key that anybody typed or followed a link to.
const LONGEST_TYPE: usize = 1024;
const LONGEST_KEY: usize = 64 * 1024;

/// A value that may not be seen can't be searched by either: the search would tell it (invariant 6).
pub(super) fn checked(view: &View, filter: &EventFilter) -> Result<(), CaseError> {
    if filter.key.is_some() && !view.key() {
        let key = Permission::EventsKey;
        return Err(CaseError::NotAllowed { needs: key.as_str(), roles: Role::with(key) });
    }
    if TimeRange::new(filter.range.from, filter.range.to).is_err() {
        return Err(CaseError::Invalid {
            what: "The time range ends before it begins.".into(),
            what_to_do: "Swap its ends.".into(),
        });
    }
    let too_long = |what: &str, limit: usize| CaseError::Invalid {
        what: format!("The {what} to look for is longer than {limit} bytes."),
        what_to_do: "Shorten it, or leave it out.".into(),
    };
    if filter.event_type.as_ref().is_some_and(|t| t.len() > LONGEST_TYPE) {
        return Err(too_long("event type", LONGEST_TYPE));
    }
    if filter.key.as_ref().is_some_and(|k| k.len() > LONGEST_KEY) {
        return Err(too_long("key", LONGEST_KEY));
    }
    Ok(())
}
