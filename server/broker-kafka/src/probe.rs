//! Questions beside the fetching: where a start is, whether the log was cut, what holds a partition back, what a
//! read would cost. Asked over the control connection, so that no answer waits behind a fetch.

use crate::{
    connect::{Connection, ask_timeout},
    cursor::Place,
};
use krafka::{
    __private::kafka_metadata,
    Kafka, KrafkaError,
    admin::{
        DescribeLogDirsOptions, DescribeProducersOptions, DescribeTransactionsOptions, EpochEndOffset,
        ListOffsetsOptions, ListTransactionsOptions, ListedOffset, OffsetForLeaderEpochOptions, OffsetSpec,
    },
    consumer::TopicPartition,
    error::ErrorCode,
};
use std::collections::HashMap;
use weir_broker::{Assignment, BrokerError, ChannelSize, EstimatedRead, PartitionAddress, StartAt};
use weir_domain::{
    Position, Timestamp,
    capture::{Gap, GapReason, Held},
};

pub(crate) type Answers<T> = HashMap<TopicPartition, Result<T, KrafkaError>>;

/// Where reading is to begin or to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seek {
    Place(Place),
    Latest,
    Earliest,
    Time(Timestamp),
}

impl Seek {
    /// `None` for a cursor of another connector.
    pub fn of(start: &StartAt) -> Option<Self> {
        Some(match start {
            StartAt::Cursor(cursor) => Self::Place(Place::of(cursor)?),
            StartAt::Latest => Self::Latest,
            StartAt::Earliest => Self::Earliest,
            StartAt::Time(time) => Self::Time(*time),
            StartAt::Position(position) => Self::Place(Place { next: position.0, epoch: -1 }),
        })
    }
}

/// Where a start is, and the log's bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub located: Located,
    pub start: i64,
    /// The end of what may be read: below any open transaction.
    pub end: i64,
}

/// Where that is in the log as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Located {
    /// Read on here; what lay before it was deleted unread if there is a gap.
    At { place: Place, gap: Option<Gap> },
    /// The log was cut below our position: others stand there now.
    Cut { to: Place },
}

pub(crate) fn partition_of(address: &PartitionAddress) -> TopicPartition {
    TopicPartition::new(address.channel.clone(), address.number)
}

/// Locates several starts with three questions to each leader at most.
pub(crate) async fn locate(kafka: &Kafka, seeks: &[(TopicPartition, Seek)]) -> Result<Answers<Found>, KrafkaError> {
    let all = || seeks.iter().map(|(tp, _)| tp.clone());
    let with_epoch = seeks.iter().filter_map(|(tp, seek)| match seek {
        Seek::Place(place) if place.epoch >= 0 => Some((tp.clone(), place.epoch)),
        _ => None,
    });
    let timed = seeks.iter().filter_map(|(tp, seek)| match seek {
        Seek::Time(time) => Some((tp.clone(), OffsetSpec::Timestamp(milliseconds(*time)))),
        _ => None,
    });
    let admin = kafka.admin();
    // The end first: what is written between two questions must not fall between them.
    let ends = admin.list_offsets(all().map(|tp| (tp, OffsetSpec::Latest)), committed()).await?;
    let (starts, times, epochs) = tokio::try_join!(
        admin.list_offsets(all().map(|tp| (tp, OffsetSpec::Earliest)), committed()),
        admin.list_offsets(timed, committed()),
        admin.offset_for_leader_epoch(with_epoch, OffsetForLeaderEpochOptions::default().timeout(ask_timeout())),
    )?;
    let located = seeks.iter().map(|(tp, seek)| {
        let get = |answers: &Answers<ListedOffset>| match answers.get(tp) {
            Some(answer) => answer.as_ref().map(place).map_err(Clone::clone),
            None => Err(silent(tp)),
        };
        let one = || -> Result<Found, KrafkaError> {
            let (start, end) = (get(&starts)?, get(&ends)?);
            let at = |place| Located::At { place, gap: None };
            let located = match seek {
                Seek::Latest => at(end),
                Seek::Earliest => at(start),
                Seek::Time(_) => match get(&times) {
                    Ok(found) => at(found),
                    Err(KrafkaError::Broker { code: ErrorCode::OffsetNotAvailable, .. }) => at(end),
                    Err(e) => return Err(e),
                },
                Seek::Place(place) => check(*place, start, end, epochs.get(tp).cloned().transpose()?.map(end_of)),
            };
            Ok(Found { located, start: start.next, end: end.next })
        };
        (tp.clone(), one())
    });
    Ok(located.collect())
}

fn place(listed: &ListedOffset) -> Place {
    Place { next: listed.offset, epoch: listed.leader_epoch.unwrap_or(-1) }
}

fn end_of(epoch: EpochEndOffset) -> Place {
    Place { next: epoch.end_offset, epoch: epoch.leader_epoch }
}

fn committed() -> ListOffsetsOptions {
    ListOffsetsOptions::default().read_committed(true).timeout(ask_timeout())
}

fn silent(tp: &TopicPartition) -> KrafkaError {
    KrafkaError::broker(ErrorCode::LeaderNotAvailable, format!("no answer for {}-{}", tp.topic, tp.partition))
}

/// Rounded up: the first record at or after. Negative numbers mean other things in this protocol.
pub(crate) fn milliseconds(time: Timestamp) -> i64 {
    time.0.max(0).saturating_add(999) / 1000
}

/// Is a place still in the log? `of_epoch` is where the epoch before it ends in the leader's log; negative if the
/// leader does not know that epoch.
fn check(place: Place, start: Place, end: Place, of_epoch: Option<Place>) -> Located {
    if place.next < start.next {
        let gap = Gap {
            from: Position(place.next),
            to: Some(Position(start.next)),
            reason: GapReason::RetentionTrimmed,
            detail: format!("the broker deleted these before they were read; its log starts at {} now", start.next),
        };
        return Located::At { place: start, gap: Some(gap) };
    }
    // The stable end never falls below what was once read, unless the log was cut.
    let limit = of_epoch.filter(|e| e.next >= 0).unwrap_or(end);
    if limit.next < place.next {
        return Located::Cut { to: Place { next: limit.next.max(start.next), epoch: limit.epoch } };
    }
    // An epoch in which nothing was written is forgotten when the next one begins at the same offset; the one that
    // is left covers our place, and asking with it is not taken for a cut.
    let epoch = of_epoch.filter(|e| (0..place.epoch).contains(&e.epoch)).map_or(place.epoch, |e| e.epoch);
    Located::At { place: Place { epoch, ..place }, gap: None }
}

/// Who holds these partitions back, and since when. What the cluster does not tell (rights, age) stays out of it:
/// `now` then says since when at the latest.
pub(crate) async fn held(
    kafka: &Kafka,
    partitions: &[TopicPartition],
    now: Timestamp,
) -> Result<HashMap<TopicPartition, Held>, KrafkaError> {
    let admin = kafka.admin();
    let options = DescribeProducersOptions::default().timeout(ask_timeout());
    let producers = admin.describe_producers(partitions.iter().cloned(), options).await?;
    let mut first = HashMap::new();
    for (tp, states) in producers {
        let open =
            states.unwrap_or_default().into_iter().filter_map(|s| Some((s.current_transaction_start_offset?, s)));
        if let Some((_, state)) = open.min_by_key(|(offset, _)| *offset) {
            first.insert(tp, state);
        }
    }
    if first.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = first.values().map(|s| s.producer_id).collect::<Vec<_>>();
    let options = ListTransactionsOptions::default().producer_ids(ids).timeout(ask_timeout());
    let names: HashMap<i64, String> = admin
        .list_transactions(options)
        .await?
        .into_values()
        .flat_map(Result::unwrap_or_default)
        .map(|t| (t.producer_id, t.transactional_id))
        .collect();
    let options = DescribeTransactionsOptions::default().timeout(ask_timeout());
    let described = admin.describe_transactions(names.values(), options).await?;
    Ok(first
        .into_iter()
        .map(|(tp, state)| {
            let transactional_id = names.get(&state.producer_id).cloned();
            let begun = transactional_id
                .as_ref()
                .and_then(|id| described.get(id)?.as_ref().ok())
                .map(|d| d.start_time_ms)
                // Its last write is later than its beginning, and still says "at least since".
                .into_iter()
                .chain([state.last_timestamp])
                .find(|ms| *ms >= 0);
            (tp, Held { since: begun.map_or(now, Timestamp::from_millis), transactional_id })
        })
        .collect())
}

/// Records as offsets from the start to the end (a compacted or transactional log has fewer), bytes as the same
/// share of the log's size on disk, where the cluster lets us see it.
pub(crate) async fn estimate(
    connection: &Connection,
    assignments: &[Assignment],
) -> Result<EstimatedRead, BrokerError> {
    let kafka = connection.control().await?;
    let names: Vec<&str> = assignments.iter().map(|a| a.address.channel.as_str()).collect();
    connection.bounded("find leaders", kafka_metadata(kafka).refresh_for_topics(Some(&names))).await?;
    let seeks: Vec<(TopicPartition, Seek)> =
        assignments.iter().filter_map(|a| Some((partition_of(&a.address), Seek::of(&a.start)?))).collect();
    let found = connection.bounded("list offsets", locate(kafka, &seeks)).await?;
    let sizes = sizes(kafka, seeks.iter().map(|(tp, _)| tp.clone()).collect()).await;
    let (mut records, mut bytes) = (0u64, Some(0u64));
    for (tp, _) in &seeks {
        let Some(Ok(Found { located, start, end })) = found.get(tp) else { continue };
        let (Located::At { place, .. } | Located::Cut { to: place }) = located;
        let from = place.next;
        let left = u64::try_from(end - from).unwrap_or(0);
        records = records.saturating_add(left);
        let whole = u64::try_from(end - start).unwrap_or(0);
        let share = |size: u64| u128::from(size) * u128::from(left) / u128::from(whole.max(1));
        let size = sizes.as_ref().and_then(|s| s.get(tp)).map(|s| u64::try_from(share(*s)).unwrap_or(u64::MAX));
        bytes = bytes.zip(size).map(|(sum, one)| sum.saturating_add(one));
    }
    Ok(EstimatedRead { records: Some(records), bytes })
}

/// What channels hold: from the log's start to its end, and on disk where the cluster lets us see it.
pub(crate) async fn channel_sizes(
    connection: &Connection,
    channels: &[String],
) -> Result<Vec<ChannelSize>, BrokerError> {
    let kafka = connection.control().await?;
    let names: Vec<&str> = channels.iter().map(String::as_str).collect();
    let metadata = kafka_metadata(kafka);
    connection.bounded("find leaders", metadata.refresh_for_topics(Some(&names))).await?;
    let mut partitions = Vec::new();
    for name in channels {
        let Some(topic) = metadata.topic_arc(name) else { continue };
        partitions.extend(topic.partitions_iter().map(|p| TopicPartition::new(name.clone(), p.partition)));
    }
    let admin = kafka.admin();
    let all = |spec: OffsetSpec| partitions.iter().map(move |tp| (tp.clone(), spec));
    let bounds = async {
        tokio::try_join!(
            admin.list_offsets(all(OffsetSpec::Earliest), committed()),
            admin.list_offsets(all(OffsetSpec::Latest), committed()),
        )
    };
    let (bounds, sizes) = tokio::join!(connection.bounded("list offsets", bounds), sizes(kafka, partitions.clone()));
    let (starts, ends) = bounds?;
    let at = |answers: &Answers<ListedOffset>, tp: &TopicPartition| answers.get(tp)?.as_ref().ok().map(|o| o.offset);
    let of_channel = |name: &String| {
        let own: Vec<_> = partitions.iter().filter(|tp| tp.topic == *name).collect();
        let records = |tp: &&TopicPartition| u64::try_from(at(&ends, tp)? - at(&starts, tp)?).ok();
        let bytes = |tp: &&TopicPartition| sizes.as_ref()?.get(*tp).copied();
        (!own.is_empty()).then(|| ChannelSize {
            channel: name.clone(),
            records: own.iter().map(records).sum(),
            bytes: own.iter().map(bytes).sum(),
        })
    };
    Ok(channels.iter().filter_map(of_channel).collect())
}

/// Sizes on disk; `None` without the right to see them.
async fn sizes(kafka: &Kafka, partitions: Vec<TopicPartition>) -> Option<HashMap<TopicPartition, u64>> {
    let brokers = kafka_metadata(kafka).brokers();
    let options = DescribeLogDirsOptions::default().partitions(partitions).timeout(ask_timeout());
    let answers = kafka.admin().describe_log_dirs(brokers.iter().map(|b| b.id()), options).await.ok()?;
    let mut sizes: HashMap<TopicPartition, u64> = HashMap::new();
    for directories in answers.into_values() {
        for directory in directories.ok()?.into_values().flatten() {
            for (tp, replica) in directory.replicas {
                let size = u64::try_from(replica.size).unwrap_or(0);
                // Replicas of one partition are about as large; the largest is the most complete.
                sizes.entry(tp).and_modify(|s| *s = (*s).max(size)).or_insert(size);
            }
        }
    }
    Some(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_trimmed_or_found_cut() {
        let place = |next, epoch| Place { next, epoch };
        let (here, start, end) = (place(100, 3), place(10, 0), place(200, 5));
        let kept = Located::At { place: here, gap: None };
        assert_eq!(check(here, start, end, Some(place(100, 3))), kept);
        assert_eq!(check(here, start, end, Some(place(-1, -1))), kept, "an epoch nobody knows proves nothing");
        assert_eq!(check(here, start, end, None), kept);
        let forgotten = Located::At { place: place(100, 2), gap: None };
        assert_eq!(check(here, start, end, Some(place(100, 2))), forgotten, "nothing was written in epoch 3");
        assert_eq!(check(here, start, end, Some(place(90, 2))), Located::Cut { to: place(90, 2) });
        assert_eq!(check(here, start, place(90, 5), None), Located::Cut { to: place(90, 5) });
        let Located::At { place: now, gap: Some(gap) } = check(here, place(150, 4), end, Some(place(150, 3))) else {
            panic!("trimmed")
        };
        assert_eq!((now, gap.from, gap.to), (place(150, 4), Position(100), Some(Position(150))));
    }

    #[test]
    fn a_time_is_rounded_up_to_the_next_millisecond_and_never_a_sentinel() {
        assert_eq!(milliseconds(Timestamp(1_500)), 2);
        assert_eq!(milliseconds(Timestamp(2_000)), 2);
        assert_eq!(milliseconds(Timestamp(-1_000)), 0);
    }
}
