use super::{
    LagCases,
    reset::conflict,
    seen::{Seen, whole},
};
use weir_domain::{
    CaseError, GroupId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    lag::active,
};

pub const NAME: &str = "lag/delete";

impl LagCases {
    /// Lets the broker forget a group with all of its positions. `typed` is its name, as who does it typed it: nothing
    /// brings the positions back. `Ok(false)`: there is none, or none to be seen.
    pub async fn delete(&self, caller: &Caller, id: GroupId, typed: &str) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(Seen { group, hidden_channels, .. }) = self.seen(&sight, id).await? else { return Ok(false) };
        if typed.trim() != group.name.trim() {
            return Err(CaseError::Invalid {
                what: "The name that was typed is not the group's.".to_owned(),
                what_to_do: format!("Type {} to delete it.", group.name),
            });
        }
        whole(&group.name, hidden_channels)?;
        let now = self.look(&sight, &group).await?.map_err(conflict)?;
        if let Some(refused) = active(&group.name, &now) {
            return Err(conflict(refused));
        }
        let mut channels: Vec<String> =
            now.positions.iter().filter(|p| p.next.is_some()).map(|p| p.channel.clone()).collect();
        channels.sort_unstable();
        channels.dedup();
        self.0.acts.allowed(&sight.view, group.source, &channels).await?.map_err(conflict)?;
        let positions: Vec<String> = now
            .positions
            .iter()
            .filter_map(|p| Some(format!("{} {}: {}", p.channel, p.partition, p.next?)))
            .take(100)
            .collect();
        let before = Facts::new().with(Field::Positions, positions.join(", ").as_str());
        let about = About::object(Object::group(id, group.source, &group.name)).change(before, Facts::new());
        let act = sight.trail.act(about).await?;
        let of = (group.name.as_str(), now.kind);
        let deleted = self.0.acts.delete(&sight.view, group.source, of, &channels).await;
        act.told(deleted.map(|d| d.map_err(conflict)), |error| error).await?;
        self.0.keeper.forgotten(&sight.view, id, self.0.clock.now()).await?;
        Ok(true)
    }
}
