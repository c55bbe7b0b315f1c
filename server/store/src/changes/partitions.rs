//! Channels that appeared or vanished, partitions that were added or made again.

use crate::{name::storable, timestamp::Ts};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use weir_domain::{
    ChannelId, EnvironmentId, SourceId, Timestamp,
    changes::{ChangeKind, NewChange},
};

/// More at once are told of in one line: a source that is new has hundreds.
const ONE_BY_ONE: usize = 20;
/// Looked at in one go; the rest comes with the next look.
const MOST: i64 = 10_000;

struct Found {
    source: i64,
    environment: i64,
    source_name: String,
    channel: i64,
    channel_name: String,
    at: Timestamp,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Appeared,
    Added(i64),
    MadeAgain(i64),
    Vanished,
}

pub(super) async fn changed(connection: &mut PgConnection, now: Timestamp) -> sqlx::Result<Vec<NewChange>> {
    // Per channel: how many new ones, how many of them stand for one that was there, and what was told of before.
    let opened = sqlx::query!(
        r#"with fresh as (
               insert into change_partition (partition_id, closed)
               select p.id, p.closed_at is not null from partition p
               where not exists (select from change_partition t where t.partition_id = p.id)
               order by p.id limit $1
               on conflict do nothing returning partition_id
           )
           select s.id as source_id, s.environment_id, s.name as source_name, c.id as channel_id, c.name as channel_name,
                  count(*) as "fresh!", max(p.opened_at) as "at!: Ts",
                  count(*) filter (where exists (
                      select from partition o where o.channel_id = p.channel_id and o.number = p.number and o.id < p.id
                  )) as "again!",
                  exists (select from change_partition t join partition o on o.id = t.partition_id
                          where o.channel_id = c.id) as "known!"
           from fresh f join partition p on p.id = f.partition_id join channel c on c.id = p.channel_id
           join source s on s.id = c.source_id
           group by s.id, c.id order by s.id, c.id"#,
        MOST
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut found: Vec<Found> = opened
        .into_iter()
        .map(|r| Found {
            source: r.source_id,
            environment: r.environment_id,
            source_name: storable(&r.source_name),
            channel: r.channel_id,
            channel_name: storable(&r.channel_name),
            at: r.at.0,
            what: match (r.known, r.again) {
                // The inserting part is not seen by the rest of the statement: known means told of before.
                (false, _) => What::Appeared,
                (true, 0) => What::Added(r.fresh),
                (true, again) => What::MadeAgain(again),
            },
        })
        .collect();
    let closed = sqlx::query!(
        r#"with ended as (
               update change_partition t set closed = true from partition p
               where p.id = t.partition_id and not t.closed and p.closed_at is not null
               returning p.channel_id
           )
           select distinct s.id as source_id, s.environment_id, s.name as source_name, c.id as channel_id, c.name as channel_name
           from ended e join channel c on c.id = e.channel_id join source s on s.id = c.source_id
           where not exists (select from partition p where p.channel_id = c.id and p.closed_at is null)"#
    )
    .fetch_all(&mut *connection)
    .await?;
    found.extend(closed.into_iter().map(|r| Found {
        source: r.source_id,
        environment: r.environment_id,
        source_name: storable(&r.source_name),
        channel: r.channel_id,
        channel_name: storable(&r.channel_name),
        at: now,
        what: What::Vanished,
    }));
    Ok(told(found))
}

fn told(found: Vec<Found>) -> Vec<NewChange> {
    let mut by_source: BTreeMap<(i64, &'static str), Vec<Found>> = BTreeMap::new();
    for f in found {
        let group = match f.what {
            What::Appeared => "appeared",
            What::Vanished => "vanished",
            What::Added(_) | What::MadeAgain(_) => "partitions",
        };
        by_source.entry((f.source, group)).or_default().push(f);
    }
    let mut changes = Vec::new();
    for ((_, group), all) in by_source {
        if all.len() <= ONE_BY_ONE {
            changes.extend(all.iter().map(one));
        } else if let Some(first) = all.first() {
            // Without names: not everybody who may know of the source may know of its channels.
            let title = match group {
                "partitions" => format!("{} channels of {} got partitions", all.len(), first.source_name),
                group => format!("{} channels of {} {group}", all.len(), first.source_name),
            };
            changes.push(NewChange { channel: None, title, ..one(first) });
        }
    }
    changes
}

fn one(f: &Found) -> NewChange {
    let (kind, title) = match f.what {
        What::Appeared => (ChangeKind::Channels, format!("Channel {} appeared", f.channel_name)),
        What::Vanished => (ChangeKind::Channels, format!("Channel {} vanished", f.channel_name)),
        What::Added(1) => (ChangeKind::Partitions, format!("{} got a partition", f.channel_name)),
        What::Added(n) => (ChangeKind::Partitions, format!("{} got {n} partitions", f.channel_name)),
        What::MadeAgain(_) => (ChangeKind::Partitions, format!("{} was made again", f.channel_name)),
    };
    NewChange {
        at: f.at,
        kind,
        environment: Some(EnvironmentId(f.environment)),
        source: Some(SourceId(f.source)),
        channel: Some(ChannelId(f.channel)),
        subject: None,
        title,
        detail: format!("on {}", f.source_name),
        link: Some(format!("/sources/{}?channel={}", f.source, f.channel)),
        actor: None,
        once: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(channel: i64, what: What) -> Found {
        Found {
            source: 1,
            environment: 1,
            source_name: "shop".into(),
            channel,
            channel_name: format!("c{channel}"),
            at: Timestamp(0),
            what,
        }
    }

    #[test]
    fn few_are_named_and_many_are_counted_without_names() {
        let few = told((0..3).map(|n| found(n, What::Appeared)).collect());
        assert_eq!(
            few.iter().map(|c| c.title.as_str()).collect::<Vec<_>>(),
            ["Channel c0 appeared", "Channel c1 appeared", "Channel c2 appeared"]
        );
        let many = told((0..21).map(|n| found(n, What::Appeared)).collect());
        assert_eq!(many.len(), 1);
        assert_eq!((many[0].title.as_str(), many[0].channel), ("21 channels of shop appeared", None));
    }

    #[test]
    fn words_for_each() {
        let titles: Vec<_> = [What::Added(1), What::Added(3), What::MadeAgain(2), What::Vanished]
            .map(|w| told(vec![found(1, w)]).remove(0).title)
            .to_vec();
        assert_eq!(titles, ["c1 got a partition", "c1 got 3 partitions", "c1 was made again", "Channel c1 vanished"]);
    }
}
