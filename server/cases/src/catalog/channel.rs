use super::CatalogCases;
use crate::views::Sight;
use weir_domain::{
    CaseError, ChannelId, Timestamp,
    access::{Caller, Permission},
    catalog::{ChannelFacts, ChannelPage, Readers},
    lag::{GroupsWanted, groups_page, row_of},
};

pub const NAME: &str = "catalog/channel";

/// Readers told with it; the page of groups has all of them.
const READERS: usize = 100;

impl CatalogCases {
    /// One channel: how much comes in, how large it is, who reads it. `Ok(None)`: there is none, or none to be seen. Readers
    /// are told to who may see lag.
    pub async fn channel(&self, caller: &Caller, id: ChannelId) -> Result<Option<ChannelPage>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        if !sight.view.channels().contains(id) {
            return Ok(None);
        }
        let now = self.0.clock.now();
        let Some(mut facts) = self.0.catalog.channel(&sight.view, id, now).await? else { return Ok(None) };
        crate::sources::finish(&mut facts.source, &sight, caller);
        let capture = self.0.policies.capture_of(&sight.view, id, now).await?;
        let readers = match caller.may(Permission::LagSee) {
            true => Some(self.readers(&sight, &facts, now).await?),
            false => None,
        };
        Ok(Some(ChannelPage { facts, capture, readers, at: now }))
    }

    async fn readers(&self, sight: &Sight, facts: &ChannelFacts, now: Timestamp) -> Result<Readers, CaseError> {
        let listed = self.0.lag.listed_on(&sight.view, facts.source.id, &facts.name, now).await?;
        let rows = listed.into_iter().filter_map(|one| row_of(vec![one], 0)).collect();
        let sources = self.0.lag.lag_sources(&sight.view).await?;
        let observed = sources.into_iter().find(|s| s.source == facts.source.id);
        let wanted = GroupsWanted { most: READERS, ..GroupsWanted::default() };
        let page = groups_page(rows, &wanted, 0, Vec::new(), now);
        Ok(Readers { rows: page.rows, matching: page.matching, left_out: page.left_out, observed })
    }
}
