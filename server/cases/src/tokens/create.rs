use super::{MOST, MOST_DAYS, TokensCases, text};
use crate::{access::token, id};
use weir_domain::{
    CaseError, Timestamp, TokenId,
    access::{Caller, Role},
    audit::{About, Facts, Field, Object, Value},
    tokens::{Kept, NewToken},
};

pub const NAME: &str = "tokens/create";

/// Characters of a token's name, which only tells it from others.
const LONGEST_NAME: usize = 80;
const DAY: i64 = 86_400;

/// What a person wants of a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub name: String,
    /// 1 to [`MOST_DAYS`].
    pub days: u32,
    /// Some of the person's own.
    pub roles: Vec<Role>,
}

/// Just made. The text is told to its person this once: only its digest is kept.
#[derive(Clone)]
pub struct Made {
    pub id: TokenId,
    pub text: String,
    pub expires: Timestamp,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").field("id", &self.id).field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl TokensCases {
    /// A token for the caller's own programs.
    pub async fn create(&self, caller: &Caller, asked: Asked) -> Result<Made, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let name = name_or_say(&asked.name)?;
        if !(1..=MOST_DAYS).contains(&asked.days) {
            return Err(invalid("A token lives 1 to 366 days.", "Choose a number of days in between."));
        }
        let mut roles = asked.roles;
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            return Err(invalid("A token without a role may do nothing.", "Choose at least one role."));
        }
        if let Some(role) = roles.iter().find(|r| !caller.roles.contains(r)) {
            let what = format!("You can't give the role {}, which you don't have.", role.as_str());
            return Err(invalid(&what, "Choose among your own roles."));
        }
        let (now, text) = (self.0.clock.now(), text::new()?);
        let expires = now.plus_secs(i64::from(asked.days) * DAY);
        let id = TokenId(id::new(now));
        let after = Facts::new()
            .with(Field::Roles, roles.iter().map(|r| r.as_str()).collect::<Value>())
            .with(Field::Expires, expires);
        let about = About::object(Object::token(&id.0, &name)).change(Facts::new(), after);
        let act = sight.trail.act(about).await?;
        let new = NewToken {
            id: id.clone(),
            person: caller.person.clone(),
            name,
            token_hash: token::digest(&text),
            roles,
            made: now,
            expires,
        };
        let kept = self.0.tokens.keep_token(&sight.view, new, MOST).await.map(|kept| match kept {
            Kept::Made => Ok(()),
            Kept::NameTaken => Err(CaseError::Conflict {
                what: "You have a token of this name.".into(),
                what_to_do: "Choose another name, or revoke that one first.".into(),
            }),
            Kept::TooMany => Err(CaseError::Conflict {
                what: format!("You have {MOST} tokens, which is as many as one person may have."),
                what_to_do: "Revoke one that is no longer used.".into(),
            }),
        });
        act.told(kept, |error| error).await?;
        tracing::info!(use_case = NAME, token = id.0, person = %caller.person.0, request = %caller.origin.request_id);
        Ok(Made { id, text, expires })
    }
}

fn name_or_say(raw: &str) -> Result<String, CaseError> {
    let name = raw.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    Err(invalid("A token's name has 1 to 80 characters on one line.", "Name it after the program that will use it."))
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.to_owned(), what_to_do: what_to_do.to_owned() }
}
