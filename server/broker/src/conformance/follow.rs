use super::Fixture;
use crate::{Assignment, BrokerError, Chunk, Ended, PartitionAddress, ReadLimits, Reader, Reading, Record, StartAt};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};
use weir_domain::{
    Position,
    capture::{Cursor, Gap, Held, Incarnation},
};

/// How long a case waits for what must come.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Between two looks, which may be requests to a broker.
const PAUSE: Duration = Duration::from_millis(20);

/// Short waits, so that cases which need several empty reads are quick.
pub(super) const QUICK: ReadLimits = ReadLimits { bytes: 8 << 20, records: 20_000, wait: Duration::from_millis(100) };

/// Waits until `look` finds something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        match timeout_at(deadline, look()).await {
            Ok(Some(found)) => return found,
            Ok(None) if Instant::now() < deadline => sleep(PAUSE).await,
            _ => panic!("within {LIMIT:?} this did not come: {what}"),
        }
    }
}

/// What has been read of one partition.
#[derive(Debug, Default)]
pub struct Seen {
    pub records: Vec<Record>,
    pub chunks: usize,
    pub cursor: Option<Cursor>,
    pub next: Option<Position>,
    pub start: Option<Position>,
    pub end: Option<Position>,
    pub held: Option<Held>,
    pub gaps: Vec<Gap>,
    pub ended: Option<Ended>,
    pub stuck: Option<String>,
}

impl Seen {
    pub fn positions(&self) -> Vec<i64> {
        self.records.iter().map(|r| r.position.0).collect()
    }

    /// All that may be read now has been read.
    pub fn is_at_end(&self, end: i64) -> bool {
        self.next == Some(Position(end)) && self.end == Some(Position(end))
    }
}

/// A reader, what came of it, and a check of what every chunk must keep.
pub struct Follow {
    pub reader: Box<dyn Reader>,
    limits: ReadLimits,
    pub seen: BTreeMap<(String, i32), Seen>,
    /// The errors of the source as a whole since the last chunk.
    pub errors: Vec<BrokerError>,
}

impl Follow {
    /// A reader without assignments.
    pub async fn open(fixture: &dyn Fixture, limits: ReadLimits) -> Self {
        let reader = fixture.broker().reader(limits).await.expect("a reader");
        Self { reader, limits, seen: BTreeMap::new(), errors: Vec::new() }
    }

    /// A reader of some partitions of one channel, all from the same start.
    pub async fn start(fixture: &dyn Fixture, channel: &str, partitions: &[i32], start: StartAt) -> Self {
        let mut follow = Self::open(fixture, QUICK).await;
        let mut assignments = Vec::new();
        for number in partitions {
            assignments.push(assignment(fixture, channel, *number, start.clone()).await);
        }
        follow.assign(assignments).await;
        follow
    }

    pub async fn assign(&mut self, assignments: Vec<Assignment>) {
        for a in &assignments {
            let seen = self.seen.entry((a.address.channel.clone(), a.address.number)).or_default();
            seen.ended = None;
            if let StartAt::Cursor(cursor) = &a.start {
                seen.cursor = Some(cursor.clone());
            } else {
                seen.cursor = None;
            }
        }
        self.reader.assign(assignments).await.expect("assign");
    }

    pub fn of(&self, channel: &str, number: i32) -> &Seen {
        self.seen.get(&(channel.to_owned(), number)).expect("an assigned partition")
    }

    /// Reads once and returns how much came.
    pub async fn read(&mut self) -> usize {
        match self.reader.read().await {
            Ok(news) => self.take(news),
            Err(error) => {
                self.errors.push(error);
                0
            }
        }
    }

    /// Reads until this holds.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !holds(self) {
            if timeout_at(deadline, self.read()).await.is_err() || Instant::now() > deadline {
                panic!("within {LIMIT:?} this did not come: {what}; seen so far: {}", self.summary());
            }
        }
    }

    /// Reads partition 0 of a channel to this end and returns its records.
    pub async fn to_end(&mut self, channel: &str, end: i64) -> Vec<Record> {
        self.until(&format!("{channel} read up to {end}"), |f| f.of(channel, 0).is_at_end(end)).await;
        self.of(channel, 0).records.clone()
    }

    fn take(&mut self, news: Vec<Reading>) -> usize {
        let count = news.len();
        let chunks = || news.iter().filter_map(|n| if let Reading::Chunk(c) = n { Some(c) } else { None });
        let records = chunks().flat_map(|c| &c.records);
        let (number, bytes) = records.fold((0, 0), |(n, sum), r| (n + 1, sum + r.raw_size()));
        assert!(number <= self.limits.records, "{number} records in one read, the limit is {}", self.limits.records);
        assert!(number <= 1 || bytes <= self.limits.bytes, "{bytes} bytes in one read, over {}", self.limits.bytes);
        for reading in news {
            let address = match &reading {
                Reading::Chunk(c) => &c.address,
                Reading::Ended(e) => &e.address,
                Reading::Stuck { address, .. } => address,
            };
            let key = (address.channel.clone(), address.number);
            let seen = self.seen.get_mut(&key).expect("only assigned partitions are told of");
            assert_eq!(seen.ended, None, "nothing comes after the end of an incarnation");
            match reading {
                Reading::Chunk(chunk) => {
                    self.errors.clear();
                    seen.take(chunk);
                }
                Reading::Ended(ended) => {
                    assert_eq!(ended.reason, ended.gap.reason);
                    seen.ended = Some(ended);
                }
                Reading::Stuck { reason, .. } => {
                    assert_ne!(seen.stuck.as_ref(), Some(&reason), "one reason is told once");
                    seen.stuck = Some(reason);
                }
            }
        }
        count
    }

    fn summary(&self) -> String {
        let one = |((channel, number), s): (&(String, i32), &Seen)| {
            format!(
                "{channel}/{number}: {} records, next {:?}, start {:?}, end {:?}, held {:?}, gaps {:?}, ended {:?}, stuck {:?}",
                s.records.len(),
                s.next,
                s.start,
                s.end,
                s.held,
                s.gaps,
                s.ended,
                s.stuck
            )
        };
        format!("{:#?}, errors {:?}", self.seen.iter().map(one).collect::<Vec<_>>(), self.errors)
    }
}

impl Seen {
    fn take(&mut self, chunk: Chunk) {
        assert_eq!(chunk.previous, self.cursor, "a chunk begins where the one before ended");
        let positions: Vec<i64> = chunk.records.iter().map(|r| r.position.0).collect();
        assert!(positions.is_sorted_by(|a, b| a < b), "positions ascend: {positions:?}");
        if let (Some(first), Some(gap)) = (positions.first(), &chunk.gap) {
            assert!(gap.to.is_none_or(|to| to.0 <= *first), "records come after the gap");
        }
        if let Some(last) = positions.last() {
            assert!(*last < chunk.next_position.0, "the next position is after the last record");
        }
        self.records.extend(chunk.records);
        self.chunks += 1;
        self.cursor = Some(chunk.next);
        self.next = Some(chunk.next_position);
        (self.start, self.end, self.held) = (chunk.start, chunk.end, chunk.held);
        self.gaps.extend(chunk.gap);
        self.stuck = None;
    }
}

/// The incarnation that discovery shows.
pub(super) async fn incarnation(fixture: &dyn Fixture, channel: &str) -> Incarnation {
    let broker = fixture.broker();
    eventually(&format!("{channel} is discovered"), || async {
        let discovery = broker.discover().await.ok()?;
        Some(discovery.channels.into_iter().find(|c| c.channel == channel)?.incarnation)
    })
    .await
}

pub(super) async fn assignment(fixture: &dyn Fixture, channel: &str, number: i32, start: StartAt) -> Assignment {
    let incarnation = incarnation(fixture, channel).await;
    Assignment { address: PartitionAddress { channel: channel.to_owned(), number }, incarnation, start }
}
