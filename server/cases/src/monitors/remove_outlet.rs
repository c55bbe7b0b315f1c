use super::{MonitorsCases, outlet_facts};
use weir_domain::{
    CaseError, OutletId,
    access::Caller,
    audit::{About, Facts, Object},
};

pub const NAME: &str = "monitors/remove_outlet";

impl MonitorsCases {
    /// With what waits to be sent by it. `Ok(false)`: there is none.
    pub async fn remove_outlet(&self, caller: &Caller, id: &OutletId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.everything(&sight, About::nothing()).await?;
        let Some(before) = self.outlet(&sight, id).await? else { return Ok(false) };
        let about = About::object(Object::outlet(id, &before.name)).change(outlet_facts(&before), Facts::new());
        let act = sight.trail.act(about).await?;
        act.done(self.0.monitors.remove_outlet(&sight.view, id, self.0.clock.now()).await).await
    }
}
