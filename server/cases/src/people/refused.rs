use weir_domain::{
    CaseError, Timestamp,
    access::{
        Permission, Role,
        people::{PersonState, Refused},
    },
};

/// What a person is told when the store would not carry an act out.
pub(crate) fn words(why: Refused) -> CaseError {
    let invalid =
        |what: &str, what_to_do: &str| CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() };
    let conflict = |what: String, what_to_do: &str| CaseError::Conflict { what, what_to_do: what_to_do.into() };
    match why {
        Refused::Absent => invalid("This person or request is not there any more.", "Go back to People."),
        Refused::NoLonger => {
            let edit = Permission::PeopleEdit;
            CaseError::NotAllowed { needs: edit.as_str(), roles: Role::with(edit) }
        }
        Refused::Overtaken { by, at } => conflict(
            format!("{} changed this person at {}, after you opened the page.", name(by), clock(at)),
            "Nothing of yours was saved. Open the page again, look at what stands now, and change it there.",
        ),
        Refused::LastOne => conflict(
            "Nobody who may edit people would be left.".into(),
            "Give another active person the role admin first.",
        ),
        Refused::OwnRights => invalid(
            "Nobody gives rights to themselves.",
            "Ask another administrator. What you have you can take from yourself.",
        ),
        Refused::OwnLink => {
            invalid("Nobody makes a link for themselves.", "Change your own password under Your account.")
        }
        Refused::LoginTaken => conflict("Somebody has this log-in name already.".into(), "Choose another one."),
        Refused::NoSuchPlace { row } => invalid(
            &format!("Grant {row} names an environment or source that is gone, or a source of another environment."),
            "Choose the source alone, or an environment that it belongs to.",
        ),
        Refused::State(state) => {
            let (what, what_to_do) = state_words(state);
            conflict(what.into(), what_to_do)
        }
        Refused::AskedAlready { at } => conflict(
            format!("You asked for this role at {}, and nobody has answered yet.", clock(at)),
            "An administrator sees it under People. The answer appears under Your account.",
        ),
        Refused::Answered { by, at } => conflict(
            format!("{} answered this request at {}.", name(by), clock(at)),
            "There is nothing left to do for it.",
        ),
    }
}

const fn state_words(state: PersonState) -> (&'static str, &'static str) {
    match state {
        PersonState::Invited => ("This person was invited and has not come yet.", "Take the invitation back instead."),
        PersonState::Active | PersonState::Resetting => {
            ("This person is active.", "Open the page again to see how they stand.")
        }
        PersonState::Deactivated => ("This person is deactivated.", "Reactivate them first."),
    }
}

fn name(by: Option<String>) -> String {
    by.unwrap_or_else(|| "Somebody".into())
}

/// `2026-11-22 14:32:08 UTC`
fn clock(at: Timestamp) -> String {
    let text = at.rfc3339();
    match (text.split_once('T'), text.get(11..19)) {
        (Some((date, _)), Some(time)) => format!("{date} {time} UTC"),
        // Beyond the years that can be written.
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_says_who_and_when() {
        let at = Timestamp(1_795_357_928_214_123);
        let CaseError::Conflict { what, .. } = words(Refused::Overtaken { by: Some("Ann".into()), at }) else {
            panic!()
        };
        assert_eq!(what, "Ann changed this person at 2026-11-22 14:32:08 UTC, after you opened the page.");
        assert_eq!(clock(Timestamp(i64::MAX)), Timestamp(i64::MAX).rfc3339());
    }
}
