use super::{PeopleCases, refused, told};
use crate::access::names;
use weir_domain::{
    CaseError, RequestId,
    access::{Caller, View, people::Answer},
    audit::{About, Facts, Field},
};

pub const NAME: &str = "people/answer_request";

/// Characters of the word that goes with an answer.
pub const LONGEST_WORD: usize = 300;

impl PeopleCases {
    /// Gives the role that was asked for, or declines with a word.
    pub async fn answer_request(
        &self,
        caller: &Caller,
        id: &RequestId,
        grant: bool,
        word: &str,
    ) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let word = names::text_or_say("word", word, LONGEST_WORD)?;
        if !grant && word.is_empty() {
            return Err(CaseError::Invalid {
                what: "A request is declined with a word.".into(),
                what_to_do: "Say why, or whom to ask instead.".into(),
            });
        }
        let answer = Answer { grant, word };
        let act = sight.trail.act(self.asked_for(&sight.view, id, grant).await?).await?;
        let answered = self.0.requests.answer(&sight.view, id, &answer, self.by(caller)).await;
        act.told(answered, refused::words).await?;
        self.0.sign_outs.tell();
        Ok(())
    }

    /// Who asked for what. One that has been answered meanwhile is not told of: the store refuses it.
    async fn asked_for(&self, view: &View, id: &RequestId, grant: bool) -> Result<About, CaseError> {
        let granted = Facts::new().with(Field::Granted, grant);
        let open = self.0.requests.open(view).await?;
        let Some(request) = open.into_iter().find(|r| r.id == *id) else {
            return Ok(About::nothing().change(Facts::new(), granted));
        };
        let person = self.subject(view, &request.person).await?;
        let asked = granted.with(Field::Asked, request.role.as_str());
        if !grant {
            return Ok(told::about(&person).change(Facts::new(), asked));
        }
        let mut roles = person.roles.clone();
        roles.push(request.role);
        roles.sort_unstable();
        roles.dedup();
        let before = Facts::new().with(Field::Roles, told::roles(&person.roles));
        Ok(told::about(&person).change(before, asked.with(Field::Roles, told::roles(&roles))))
    }
}
