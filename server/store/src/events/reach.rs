//! What a view, a filter and a query reach: partitions, the numbers of types, a key's hash.

use super::{names::Names, needle::Wanted, rows::Row};
use crate::{capture::key_hash, name::storable};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use weir_domain::{
    ChannelId, PartitionId, SourceId, Timestamp,
    access::View,
    events::{EventFilter, TimeRange},
    search::{Atom, Expr, Field, NameField, NameTest, Need, Node, Op, Query, Range},
};

/// Where a visible partition belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) channel: ChannelId,
    pub(super) source: SourceId,
    pub(super) number: i32,
}

/// What is looked for, in the store's own terms.
pub(super) struct Reach {
    /// Those that have carried the type, if one is asked for.
    pub(super) partitions: HashMap<PartitionId, Place>,
    /// And those that have not: what they lost may have been of that type.
    pub(super) others: Vec<PartitionId>,
    /// `None`: any.
    pub(super) types: Option<Vec<i32>>,
    /// Most events are of other types.
    pub(super) few_types: bool,
    /// The key's hash and the key.
    pub(super) key: Option<(i64, Vec<u8>)>,
    /// What segments may be asked for.
    pub(super) wanted: Wanted,
    /// Of all partitions, where the query asks for names of places.
    pub(super) names: Names,
}

impl Reach {
    /// Whatever is in these partitions: nothing is asked of types, keys or names.
    pub(super) fn of(partitions: HashMap<PartitionId, Place>) -> Self {
        Self {
            partitions,
            others: Vec::new(),
            types: None,
            few_types: false,
            key: None,
            wanted: Wanted::Unknown,
            names: Names::default(),
        }
    }
    /// Everything of one channel, whoever may see it.
    pub(super) async fn of_channel(db: &mut PgConnection, channel: ChannelId) -> sqlx::Result<Self> {
        let found = sqlx::query!(
            "select p.id, p.number, c.source_id from partition p join channel c on c.id = p.channel_id where c.id = $1",
            channel.0
        );
        let found = found
            .fetch_all(db)
            .await?
            .into_iter()
            .map(|r| (PartitionId(r.id), Place { channel, source: SourceId(r.source_id), number: r.number }));
        Ok(Self::of(found.collect()))
    }
    pub(super) fn ids(&self) -> Vec<i64> {
        self.partitions.keys().map(|p| p.0).collect()
    }
    /// With [`Reach::others`].
    pub(super) fn all_ids(&self) -> Vec<i64> {
        self.partitions.keys().chain(&self.others).map(|p| p.0).collect()
    }
    /// By its type and the hash of its key.
    pub(super) fn takes(&self, row: &Row) -> bool {
        self.types.as_ref().is_none_or(|t| t.contains(&row.type_id))
            && self.key_hash().is_none_or(|hash| row.key_hash == Some(hash))
    }
    pub(super) fn key_hash(&self) -> Option<i64> {
        self.key.as_ref().map(|k| k.0)
    }
}

/// Stands for a type that no event has had yet: the database counts from 1.
const UNHEARD_OF: i32 = 0;

/// What is looked for, and what follows from it.
pub(super) struct Asked<'a> {
    pub(super) view: &'a View,
    pub(super) filter: &'a EventFilter,
    pub(super) query: &'a Query,
    /// What every match fulfils.
    pub(super) need: Need,
    /// The times of the filter and of the query.
    pub(super) range: TimeRange,
    /// Whatever is reached matches: nothing has to be looked into.
    pub(super) told: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn new(view: &'a View, filter: &'a EventFilter, query: &'a Query) -> Self {
        let bounds = query.bounds();
        Self { view, filter, query, range: range(filter, bounds.ranges.time), need: bounds.need, told: is_told(query) }
    }

    /// What filter and query reach; `None`: nothing can match.
    pub(super) async fn reached(&self, db: &mut PgConnection) -> sqlx::Result<Option<Reach>> {
        let Some(mut reach) = reach(db, self.view, self.filter).await? else { return Ok(None) };
        if !self.narrow(db, &mut reach).await? {
            return Ok(None);
        }
        reach.wanted = Wanted::of(self.view, &self.need, reach.key_hash(), reach.types.as_deref());
        Ok(Some(reach))
    }

    /// Narrows what the filter reaches to where the query can hold; false: nowhere.
    async fn narrow(&self, db: &mut PgConnection, reach: &mut Reach) -> sqlx::Result<bool> {
        let need = &self.need;
        if *need == Need::Never {
            return Ok(false);
        }
        let mut keys = Vec::new();
        needed_keys(need, &mut keys);
        if let Some((key, others)) = keys.split_first() {
            // No event has two.
            if others.iter().any(|other| other != key) {
                return Ok(false);
            }
            if !self.view.key() || reach.key.as_ref().is_some_and(|(_, asked)| asked != *key) {
                return Ok(false);
            }
            reach.key = Some((key_hash(key), key.to_vec()));
        }
        if asks_places(self.query) {
            reach.names = Names::read(db, &reach.partitions).await?;
        }
        let (mut of_name, mut of_type) = (false, false);
        each_name(need, &mut |test| (of_name, of_type) = (true, of_type || test.field == NameField::Type));
        if !of_name {
            return Ok(true);
        }
        let carried = match of_type {
            true => carried(db, reach).await?,
            false => HashMap::new(),
        };
        let (mut types, mut of_others) = (BTreeSet::new(), 0);
        let places: Vec<(PartitionId, ChannelId)> = reach.partitions.iter().map(|(p, at)| (*p, at.channel)).collect();
        for (partition, channel) in places {
            let holds = |event_type: Option<&str>| {
                need.may_hold(&mut |atom| match atom {
                    Atom::Name(test) => {
                        reach.names.field(channel, test.field).or(event_type).is_none_or(|name| test.holds(name))
                    }
                    _ => true,
                })
            };
            let in_any = holds(None);
            let stays = match of_type {
                true => {
                    let all = carried.get(&partition).map_or(&[][..], Vec::as_slice);
                    let fit = all.iter().filter(|(_, name)| holds(Some(name))).map(|(id, _)| *id);
                    let fit: Vec<i32> = fit.collect();
                    if in_any {
                        of_others += all.len() - fit.len();
                    }
                    types.extend(&fit);
                    !fit.is_empty()
                }
                false => in_any,
            };
            if !stays && reach.partitions.remove(&partition).is_some() && of_type && in_any {
                reach.others.push(partition);
            }
        }
        // Where nothing is judged, a type that is new since must not slip in.
        if of_others > 0 || (of_type && self.told) {
            reach.few_types |= of_others > 0 && types.len() <= of_others;
            reach.types = Some(types.into_iter().collect());
        }
        Ok(true)
    }
}

/// The types that each partition has carried, of those that are asked for.
async fn carried(db: &mut PgConnection, reach: &Reach) -> sqlx::Result<HashMap<PartitionId, Vec<(i32, String)>>> {
    let rows = sqlx::query!(
        "select t.partition_id, t.type_id, n.name from partition_type t join event_type n on n.id = t.type_id
         where t.partition_id = any($1) and ($2::integer[] is null or t.type_id = any($2))",
        &reach.ids(),
        reach.types.as_deref() as Option<&[i32]>
    )
    .fetch_all(db)
    .await?;
    let mut carried: HashMap<_, Vec<_>> = HashMap::new();
    for r in rows {
        carried.entry(PartitionId(r.partition_id)).or_default().push((r.type_id, r.name));
    }
    Ok(carried)
}

/// Of the filter alone; `None`: nothing can match. A key is looked for only where the view may see keys; the use case has refused it
/// before, by name.
pub(super) async fn reach(db: &mut PgConnection, view: &View, filter: &EventFilter) -> sqlx::Result<Option<Reach>> {
    let key = filter.key_bytes();
    if key.is_some() && !view.key() {
        return Ok(None);
    }
    let channels: Vec<i64> = match filter.channel {
        Some(c) if view.channels().contains(c) => vec![c.0],
        Some(_) => return Ok(None),
        None => view.channels().ids().iter().map(|c| c.0).collect(),
    };
    let type_id = match &filter.event_type {
        None => None,
        Some(name) => {
            let id = sqlx::query_scalar!("select id from event_type where name = $1", storable(name));
            Some(id.fetch_optional(&mut *db).await?.unwrap_or(UNHEARD_OF))
        }
    };
    let rows = sqlx::query!(
        r#"select p.id, p.number, p.channel_id, c.source_id,
           $3::integer is null or exists (select from partition_type t where t.partition_id = p.id and t.type_id = $3) as "carries!"
         from partition p join channel c on c.id = p.channel_id
         where p.channel_id = any($1)
           and ($2::bigint is null or c.source_id = $2)"#,
        &channels,
        filter.source.map(|s| s.0),
        type_id
    )
    .fetch_all(&mut *db)
    .await?;
    let (mut partitions, mut others) = (HashMap::new(), Vec::new());
    for r in rows {
        let place = Place { channel: ChannelId(r.channel_id), source: SourceId(r.source_id), number: r.number };
        if r.carries {
            partitions.insert(PartitionId(r.id), place);
        } else {
            others.push(PartitionId(r.id));
        }
    }
    let types = type_id.map(|id| vec![id]);
    let few_types = types.is_some();
    Ok(Some(Reach { others, types, few_types, key: key.map(|k| (key_hash(&k), k)), ..Reach::of(partitions) }))
}

/// Does a query ask where events travel?
fn asks_places(query: &Query) -> bool {
    let mut asks = false;
    query.each(&mut |node| {
        asks |= match &node.expr {
            Expr::Compare(c) => matches!(c.field, Field::Channel | Field::Source | Field::Environment),
            Expr::Formula(formula) => formula.asks_places(),
            _ => false,
        };
    });
    asks
}

/// Is all that the query asks fulfilled by whatever it reaches?
fn is_told(query: &Query) -> bool {
    fn told(node: &Node) -> bool {
        match &node.expr {
            Expr::And(all) => all.iter().all(told),
            Expr::Compare(c) => match c.field {
                Field::Type | Field::Channel | Field::Source | Field::Environment => true,
                Field::Key => matches!(c.op, Op::Matches | Op::Equal) && c.value.literal().is_some(),
                _ => false,
            },
            Expr::Or(_) | Expr::Not(_) | Expr::Free(_) | Expr::Formula(_) => false,
        }
    }
    query.root.as_ref().is_none_or(told)
}

/// The keys that every match has.
fn needed_keys<'n>(need: &'n Need, keys: &mut Vec<&'n [u8]>) {
    match need {
        Need::Atom(Atom::Key(key)) => keys.push(key),
        Need::All(needs) => needs.iter().for_each(|n| needed_keys(n, keys)),
        _ => {}
    }
}

fn each_name(need: &Need, f: &mut impl FnMut(&NameTest)) {
    match need {
        Need::Atom(Atom::Name(test)) => f(test),
        Need::All(needs) | Need::Any(needs) => needs.iter().for_each(|n| each_name(n, f)),
        _ => {}
    }
}

fn range(filter: &EventFilter, time: Range) -> TimeRange {
    let from = (time.first > i64::MIN).then_some(Timestamp(time.first));
    // The last time that may match; a range ends before its end.
    let to = (time.last < i64::MAX).then(|| Timestamp(time.last.saturating_add(1)));
    let earlier = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    TimeRange { from: filter.range.from.max(from), to: earlier(filter.range.to, to) }
}
