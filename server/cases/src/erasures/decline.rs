use super::ErasuresCases;
use crate::access::names;
use weir_domain::{
    CaseError, ErasureId,
    access::Caller,
    erasures::{Decision, LONGEST_WORD},
};

pub const NAME: &str = "erasures/decline";

impl ErasuresCases {
    /// Declines it with a word. `Ok(false)`: there is no such request.
    pub async fn decline(&self, caller: &Caller, id: &ErasureId, word: &str) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let word = names::text_or_say("word", word, LONGEST_WORD)?;
        if word.is_empty() {
            return Err(CaseError::Invalid {
                what: "A request is declined with a word.".into(),
                what_to_do: "Say why, or whom to ask instead.".into(),
            });
        }
        self.decide(&sight, caller, id, Decision::Decline(word)).await
    }
}
