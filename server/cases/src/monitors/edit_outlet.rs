use super::{MonitorsCases, outlet_facts, words};
use weir_domain::{
    CaseError, OutletId,
    access::Caller,
    audit::{About, Object, Secret},
    monitors::{Outlet, OutletDraft, OutletField},
};

pub const NAME: &str = "monitors/edit_outlet";

impl MonitorsCases {
    /// Changes an outlet that is at this version; what is kept of its secrets stays where none is given and it leads the
    /// same way. `Ok(false)`: there is none.
    pub async fn edit_outlet(
        &self,
        caller: &Caller,
        id: &OutletId,
        version: i64,
        draft: &OutletDraft,
    ) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.everything(&sight, About::nothing()).await?;
        let Some(before) = self.outlet(&sight, id).await? else { return Ok(false) };
        let (name, settings) = draft.read(Some(&before))?;
        let mut secrets = self.seal_all(id, &draft.new_secrets())?;
        let replaced = !secrets.is_empty();
        if settings.leads_the_same_way(&before.settings) {
            let given: Vec<OutletField> = secrets.iter().map(|(f, _)| *f).collect();
            secrets.extend(before.secrets.iter().filter(|(f, _)| !given.contains(f)).cloned());
        }
        let (takes, on) = (draft.takes.clone(), draft.on);
        let after = Outlet { id: id.clone(), name, on, takes, settings, secrets, version };
        let mut facts = outlet_facts(&after);
        if replaced {
            facts = facts.replaced(Secret::Credentials);
        }
        let about = About::object(Object::outlet(id, &before.name)).change(outlet_facts(&before), facts);
        let act = sight.trail.act(about).await?;
        let at = self.0.clock.now();
        let changed = self.0.monitors.change_outlet(&sight.view, &after, (&caller.person, at)).await;
        act.told(changed, words).await?;
        Ok(true)
    }
}
