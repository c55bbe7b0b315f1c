use super::{MonitorsCases, about_alert, words};
use weir_domain::{
    AlertId, CaseError,
    access::Caller,
    audit::{About, Facts, Field},
    monitors::Act,
};

pub const NAME: &str = "monitors/acknowledge";

impl MonitorsCases {
    /// Somebody has it in hand: it is not told again. `in_hand: false` gives it back. `Ok(false)`: there is none.
    pub async fn acknowledge(&self, caller: &Caller, id: &AlertId, in_hand: bool) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(shown) = self.seen(&sight, id).await? else { return Ok(false) };
        let facts = |it: bool| Facts::new().with(Field::InHand, it);
        let before = shown.alert.acknowledged.is_some();
        let about = About::object(about_alert(&shown.alert)).change(facts(before), facts(in_hand));
        let act = sight.trail.act(about).await?;
        let by = in_hand.then(|| Act { name: caller.name.clone(), at: self.0.clock.now() });
        act.told(self.0.monitors.acknowledge(&sight.view, id, by.as_ref()).await, words).await?;
        Ok(true)
    }
}
