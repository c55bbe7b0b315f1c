use super::{MonitorsCases, about_alert, words};
use weir_domain::{
    AlertId, CaseError, Timestamp,
    access::Caller,
    audit::{About, Facts, Field},
    monitors::{Act, SnoozeFor},
};

pub const NAME: &str = "monitors/snooze";

impl MonitorsCases {
    /// Nobody is told of it again until then; then, if it lasts, they are. `Ok(None)`: there is none. Else until when.
    pub async fn snooze(
        &self,
        caller: &Caller,
        id: &AlertId,
        wanted: SnoozeFor,
    ) -> Result<Option<Option<Timestamp>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let at = self.0.clock.now();
        let until = wanted.until(at).map_err(|what| CaseError::Invalid {
            what: what.to_owned(),
            what_to_do: "For what is never to be told, switch its rule off.".into(),
        })?;
        let Some(shown) = self.seen(&sight, id).await? else { return Ok(None) };
        let facts = |until: Option<Timestamp>| Facts::new().with_some(Field::Until, until);
        let change = (facts(shown.alert.snoozed_until), facts(until));
        let act = sight.trail.act(About::object(about_alert(&shown.alert)).change(change.0, change.1)).await?;
        let by = Act { name: caller.name.clone(), at };
        act.told(self.0.monitors.snooze(&sight.view, id, &by, until).await, words).await?;
        Ok(Some(until))
    }
}
