use super::PeopleCases;
use weir_domain::{
    CaseError,
    access::{Caller, people::PeopleList},
    audit::{About, Facts, Field, Value},
};

pub const NAME: &str = "people/list";

/// People on one page; who has more searches by name.
pub const MOST_PEOPLE: u32 = 200;
const LONGEST_TEXT: usize = 200;

impl PeopleCases {
    /// Everybody whose name or log-in name holds `text`, at most 200.
    pub async fn list(&self, caller: &Caller, text: &str) -> Result<PeopleList, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
        let list = self.0.people.list(&sight.view, &text, MOST_PEOPLE, self.0.clock.now()).await?;
        let shape =
            if text.is_empty() { Facts::new() } else { Facts::new().with(Field::By, Value::from_iter(["text"])) };
        sight.trail.saw(About::query(shape).count(list.people.len() as u64)).await?;
        Ok(list)
    }
}
