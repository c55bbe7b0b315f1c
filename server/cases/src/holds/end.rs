use super::{HoldsCases, words};
use weir_domain::{
    CaseError, HoldId,
    access::Caller,
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "holds/end";

impl HoldsCases {
    /// Ends a hold before its day: what its retention has passed goes, and it may be erased. `Ok(false)`: there is none.
    pub async fn end(&self, caller: &Caller, id: &HoldId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let all = self.0.holds.holds(&sight.view).await?;
        let Some(hold) = all.into_iter().find(|h| h.id == *id) else { return Ok(false) };
        let before = Facts::new().with(Field::Ends, hold.ends_at);
        let act = sight.trail.act(About::object(Object::hold(id, &hold.name)).change(before, Facts::new())).await?;
        act.told(self.0.holds.end_hold(&sight.view, id, &self.by(caller)).await, words).await?;
        Ok(true)
    }
}
