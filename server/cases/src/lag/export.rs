use super::LagCases;
use crate::{
    audit::Batch,
    export::{self, Part},
    stream::{Listener, Recheck},
};
use futures::stream::BoxStream;
use std::{collections::VecDeque, sync::Arc};
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    audit::{About, Facts, Field, Value},
    lag::{GroupRow, GroupsWanted, SourceObserved},
};

pub const NAME: &str = "lag/export";

/// Groups of one part.
const AT_ONCE: usize = 500;

/// A part of an export. The end is always the last one, and only a whole export has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Exported {
    Groups(Vec<GroupRow>),
    End(Completeness),
}

/// What it does not hold, or not as of now.
#[derive(Debug, Clone, PartialEq)]
pub struct Completeness {
    pub groups: u64,
    /// Groups of which no channel may be seen.
    pub hidden: u32,
    /// Ephemeral, archived and gone ones that were not asked for.
    pub left_out: u64,
    pub sources: Vec<SourceObserved>,
    pub at: Timestamp,
}

struct Export {
    cases: LagCases,
    wanted: GroupsWanted,
    batch: Batch,
    /// Once they were listed: what is left of them, and the end.
    listed: Option<(VecDeque<GroupRow>, Completeness)>,
}

impl LagCases {
    /// All that [`LagCases::groups`] would show page by page, as it is filtered and sorted. Ends with an error when the
    /// session ends or the permission goes (asked again through `recheck` at least every 30 s), or the database is away.
    pub async fn export(
        &self,
        caller: &Caller,
        wanted: GroupsWanted,
        recheck: Arc<dyn Recheck>,
    ) -> Result<BoxStream<'static, Result<Exported, CaseError>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let batch = sight.trail.begin(About::query(shape(&wanted))).await?;
        let listener = Listener::new(caller.clone(), recheck, &self.0.sign_outs);
        let wanted = GroupsWanted { from: 0, most: usize::MAX, ..wanted };
        Ok(export::parts(Export { cases: self.clone(), wanted, batch, listed: None }, listener))
    }
}

/// By what they were filtered; what was typed is told by no entry.
fn shape(wanted: &GroupsWanted) -> Facts {
    let by = [
        ("text", !wanted.text.is_empty()),
        ("status", wanted.status.is_some()),
        ("source", wanted.source.is_some()),
        ("kind", wanted.kind.is_some()),
        ("channel", wanted.channel.is_some()),
    ];
    let by: Value = by.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    Facts::new().with(Field::By, by)
}

impl export::Export for Export {
    type Item = Exported;

    async fn part(&mut self, caller: &Caller) -> Result<Part<Exported>, CaseError> {
        let sight = self.cases.0.views.authorise(caller, NAME).await?;
        self.batch.before_more().await?;
        let (rows, end) = match &mut self.listed {
            Some(listed) => listed,
            None => {
                let page = self.cases.page(&sight, &self.wanted).await?;
                let (hidden, left_out) = (page.hidden, page.left_out as u64);
                let end = Completeness { groups: 0, hidden, left_out, sources: page.sources, at: page.at };
                self.listed.insert((page.rows.into(), end))
            }
        };
        if rows.is_empty() {
            self.batch.ending("complete");
            return Ok(Part::Last(Exported::End(end.clone())));
        }
        // What a grant reached when they were listed it may not reach any more.
        let sees = |r: &GroupRow| r.channels.iter().all(|c| sight.reaches_name(r.environment, r.source, c));
        let some: Vec<GroupRow> = rows.drain(..rows.len().min(AT_ONCE)).filter(sees).collect();
        let count = some.len() as u64;
        end.groups += count;
        self.batch.shown(count, []);
        Ok(Part::More(Exported::Groups(some)))
    }

    fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }
}
