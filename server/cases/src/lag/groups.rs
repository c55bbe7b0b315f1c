use super::{LagCases, Reach, in_environment};
use crate::views::Sight;
use std::collections::BTreeMap;
use weir_domain::{
    CaseError, GroupId,
    access::Caller,
    lag::{GroupsPage, GroupsWanted, Listed, groups_page, row_of},
};

pub const NAME: &str = "lag/groups";

impl LagCases {
    /// Groups of all sources that the caller reaches, each by its visible channels.
    pub async fn groups(&self, caller: &Caller, wanted: &GroupsWanted) -> Result<GroupsPage, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.page(&sight, wanted).await
    }

    pub(super) async fn page(&self, sight: &Sight, wanted: &GroupsWanted) -> Result<GroupsPage, CaseError> {
        let now = self.0.clock.now();
        let mut listed = self.0.lag.listed(&sight.view, wanted.all, now).await?;
        listed.retain(|one| in_environment(sight, one.standing.environment));
        let mut reach = Reach::new(sight);
        let mut by_group: BTreeMap<GroupId, (Vec<Listed>, u32)> = BTreeMap::new();
        for one in listed {
            let (seen, hidden) = by_group.entry(one.standing.group).or_default();
            if reach.sees(&one.standing) {
                seen.push(one);
            } else {
                *hidden += 1;
            }
        }
        let (mut rows, mut hidden) = (Vec::with_capacity(by_group.len()), 0);
        for (seen, hidden_channels) in by_group.into_values() {
            match row_of(seen, hidden_channels) {
                Some(row) => rows.push(row),
                None => hidden += 1,
            }
        }
        let mut sources = self.0.lag.lag_sources(&sight.view).await?;
        sources.retain(|s| sight.reaches_source(s.environment, s.source));
        Ok(groups_page(rows, wanted, hidden, sources, now))
    }
}
