use super::{MonitorsCases, outlet_facts, words};
use crate::id;
use weir_domain::{
    CaseError, OutletId,
    access::Caller,
    audit::{About, Facts, Object, Secret},
    monitors::{MOST_OUTLETS, Outlet, OutletDraft},
};

pub const NAME: &str = "monitors/add_outlet";

impl MonitorsCases {
    /// Alerts that it takes are sent there from now on.
    pub async fn add_outlet(&self, caller: &Caller, draft: &OutletDraft) -> Result<OutletId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let at = self.0.clock.now();
        let id = OutletId(id::new(at));
        self.everything(&sight, About::nothing()).await?;
        let (name, settings) = draft.read(None)?;
        let secrets = self.seal_all(&id, &draft.new_secrets())?;
        let (takes, on) = (draft.takes.clone(), draft.on);
        let outlet = Outlet { id: id.clone(), name, on, takes, settings, secrets, version: 1 };
        let mut facts = outlet_facts(&outlet);
        if !outlet.secrets.is_empty() {
            facts = facts.replaced(Secret::Credentials);
        }
        let about = About::object(Object::outlet(&id, &outlet.name)).change(Facts::new(), facts);
        let act = sight.trail.act(about).await?;
        let added = self.0.monitors.add_outlet(&sight.view, &outlet, (&caller.person, at), MOST_OUTLETS).await;
        act.told(added, words).await?;
        Ok(id)
    }
}
