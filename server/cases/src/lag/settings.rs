use super::{
    LagCases,
    seen::{Seen, whole},
};
use weir_domain::{
    CaseError, GroupId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    lag::{Expectation, GroupSaid},
};

pub const NAME: &str = "lag/settings";

const LONGEST_OWNER: usize = 200;
const LONGEST_NOTE: usize = 2_000;

/// What a person typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// Empty: as learnt.
    pub expectation: String,
    pub owner: String,
    pub note: String,
}

impl LagCases {
    /// What is expected of a group, whose it is, and what else is to be said of it. `Ok(false)`: there is none, or none to
    /// be seen.
    pub async fn settings(&self, caller: &Caller, id: GroupId, typed: &Typed) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { group, hidden_channels, .. }) = self.seen(&sight, id).await? else { return Ok(false) };
        let said = read(typed)?;
        // What is expected of it decides over alarms of all its channels.
        if said.expectation != group.expectation_set.then(|| group.expectation.clone()) {
            whole(&group.name, hidden_channels)?;
        }
        let before = Facts::new()
            .with(Field::Expectation, group.expectation.to_string().as_str())
            .with_some(Field::Owner, group.owner.as_deref());
        let expected = said.expectation.clone().unwrap_or_else(|| group.learnt.clone());
        let after = Facts::new()
            .with(Field::Expectation, expected.to_string().as_str())
            .with_some(Field::Owner, said.owner.as_deref());
        let about = About::object(Object::group(id, group.source, &group.name)).change(before, after);
        let act = sight.trail.act(about).await?;
        act.told(self.0.keeper.say(&sight.view, id, &said).await.map(Ok), |error| error).await
    }
}

fn read(typed: &Typed) -> Result<GroupSaid, CaseError> {
    let invalid = |what: String, what_to_do: &str| CaseError::Invalid { what, what_to_do: what_to_do.to_owned() };
    let expectation = match typed.expectation.trim() {
        "" => None,
        text => Some(Expectation::parse(text).map_err(|what| {
            invalid(what, "Leave it empty to let Weir learn it, or write it as the field's example has it.")
        })?),
    };
    let text = |name: &str, text: &str, most: usize| match text.trim() {
        "" => Ok(None),
        t if t.chars().count() > most => Err(invalid(format!("The {name} is too long."), "Make it shorter.")),
        t if t.contains('\0') => Err(invalid(format!("The {name} holds a NUL."), "Take it out.")),
        t => Ok(Some(t.to_owned())),
    };
    Ok(GroupSaid {
        expectation,
        owner: text("owner", &typed.owner, LONGEST_OWNER)?,
        note: text("note", &typed.note, LONGEST_NOTE)?,
    })
}
