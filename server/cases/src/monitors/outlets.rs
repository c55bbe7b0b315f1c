use super::MonitorsCases;
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    monitors::{Heartbeat, OutletShown},
};

pub const NAME: &str = "monitors/outlets";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletList {
    /// By name; without what they are reached with.
    pub outlets: Vec<OutletShown>,
    /// Without its address.
    pub heartbeat: Option<Heartbeat>,
    pub may_edit: bool,
    pub now: Timestamp,
}

impl MonitorsCases {
    pub async fn outlets(&self, caller: &Caller) -> Result<OutletList, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        let mut outlets = self.0.monitors.outlets(&sight.view, now).await?;
        // Sealed as it is, nobody needs it.
        for o in &mut outlets {
            o.outlet.secrets.iter_mut().for_each(|(_, sealed)| sealed.bytes.clear());
        }
        let mut heartbeat = self.0.monitors.heartbeat(&sight.view).await?;
        if let Some(heartbeat) = &mut heartbeat {
            heartbeat.address.bytes.clear();
        }
        Ok(OutletList { outlets, heartbeat, may_edit: sight.reaches_everything(), now })
    }
}
