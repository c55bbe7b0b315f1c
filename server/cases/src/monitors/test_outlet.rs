use super::MonitorsCases;
use crate::id;
use weir_domain::{
    CaseError, OutletId,
    access::Caller,
    audit::{About, Object},
    monitors::{Message, NotSent},
};

pub const NAME: &str = "monitors/test_outlet";

impl MonitorsCases {
    /// Sends a message that says that it is a test, once and now, whether the outlet is on or not. `Ok(None)`: there is
    /// none. What went wrong is an answer, of one that arrived all the same too.
    pub async fn test_outlet(
        &self,
        caller: &Caller,
        id: &OutletId,
    ) -> Result<Option<Result<Option<String>, NotSent>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.everything(&sight, About::nothing()).await?;
        let Some(outlet) = self.outlet(&sight, id).await? else { return Ok(None) };
        let act = sight.trail.act(About::object(Object::outlet(id, &outlet.name))).await?;
        let at = self.0.clock.now();
        let message = Message::test(&outlet.name, &caller.name, id::new(at), at);
        match self.0.sender.send(&outlet, &id::new(at), &message).await {
            Ok(but) => Ok(Some(Ok(but))),
            Err(why) => {
                act.failed("it did not arrive").await;
                Ok(Some(Err(why)))
            }
        }
    }
}
