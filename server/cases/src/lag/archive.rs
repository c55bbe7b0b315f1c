use super::{
    LagCases,
    seen::{Seen, whole},
};
use weir_domain::{
    CaseError, GroupId,
    access::Caller,
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "lag/archive";

impl LagCases {
    /// Hides a group from lists and alarms, or brings it back. `Ok(false)`: there is none, or none to be seen.
    pub async fn archive(&self, caller: &Caller, id: GroupId, archived: bool) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { group, hidden_channels, .. }) = self.seen(&sight, id).await? else { return Ok(false) };
        whole(&group.name, hidden_channels)?;
        let told = |archived: bool| Facts::new().with(Field::Archived, archived);
        let about = About::object(Object::group(id, group.source, &group.name));
        let act = sight.trail.act(about.change(told(group.archived.is_some()), told(archived))).await?;
        let by = archived.then(|| (&caller.person, caller.name.as_str(), self.0.clock.now()));
        act.told(self.0.keeper.archive(&sight.view, id, by).await.map(Ok), |error| error).await
    }
}
