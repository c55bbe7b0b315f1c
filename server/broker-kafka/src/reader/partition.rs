use super::{fetch::Target, session::Ask};
use crate::{
    cursor::{Place, TopicId, after_cut, incarnation, topic_id},
    message::{Bad, Batch, Step, Walk},
    probe::{Found, Located, Seek},
};
use krafka::__private::protocol::FetchPartitionResponse;
use std::time::Duration;
use tokio::time::Instant;
use weir_broker::{Assignment, Chunk, Ended, PartitionAddress, ReadLimits, Reading, StartAt};
use weir_domain::{
    Position, Timestamp,
    capture::{Cursor, Gap, GapReason, Held, Incarnation},
};

/// An assignment under its number, which is never used again.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub number: u64,
    pub assignment: Assignment,
}

/// What one message to the reader may still hold.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    records: usize,
    taken: bool,
    /// Something did not fit: nobody else unpacks a batch for this message.
    pub full: bool,
}

impl Budget {
    pub fn new(limits: ReadLimits) -> Self {
        Self { bytes: limits.bytes, records: limits.records, taken: false, full: false }
    }

    /// One record larger than the limit goes alone.
    fn take(&mut self, size: usize) -> bool {
        self.full |= self.records == 0 || (self.taken && size > self.bytes);
        if !self.full {
            (self.bytes, self.records, self.taken) = (self.bytes.saturating_sub(size), self.records - 1, true);
        }
        !self.full
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its place in the log as it is now is still to be found.
    Locating(Seek),
    Reading,
    /// Its incarnation has ended.
    Over,
}

/// Why a partition can't be read now, and what shows that it can again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// New metadata.
    Routing,
    /// An answer of its leader.
    Fetching,
    /// Getting past the batch.
    Batch,
}

/// What was last told: a chunk follows when it would tell something else.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    place: Place,
    start: Option<i64>,
    end: Option<i64>,
    held: Option<Held>,
}

#[derive(Debug)]
pub(super) struct Partition {
    pub address: PartitionAddress,
    pub topic: TopicId,
    pub phase: Phase,
    pub leader: Option<(i32, i32)>,
    /// The replica that its leader pointed to, and until when.
    replica: Option<(i32, Instant)>,
    /// A replica failed: until then its leader is read, and asked not to point elsewhere.
    leader_only: Option<Instant>,
    pub place: Option<Place>,
    /// The cursor it was assigned with.
    began: Option<Cursor>,
    told: Option<Told>,
    walk: Option<Walk>,
    batch: Option<Batch>,
    gap: Option<Gap>,
    /// A batch that is left out, and the place behind it: told after what was read before it.
    skip: Option<(Gap, Place)>,
    /// A batch that came damaged: its offset, since when, and how often.
    damaged: Option<(i64, Instant, u32)>,
    ended: Option<Ended>,
    trouble: Option<(Trouble, String)>,
    trouble_told: Option<String>,
    start: Option<i64>,
    stable_end: Option<i64>,
    end: Option<i64>,
    pub held: Hold,
    pub retry: Retry,
    /// A question about its place is on its way.
    pub asking: bool,
    /// It stands in the line of those with news.
    pub queued: bool,
    /// Since when metadata does not know the topic, and how often it said so.
    missing: Option<(Instant, u32)>,
    /// The other topic that metadata showed under its name, if the last answer did.
    other: Option<TopicId>,
}

/// When to try again, ever more rarely.
#[derive(Debug, Default)]
pub(super) struct Retry {
    at: Option<Instant>,
    pub failures: u32,
}

impl Retry {
    pub fn due(&self, now: Instant) -> bool {
        self.at.is_none_or(|at| at <= now)
    }

    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.at = Some(now + Duration::from_millis(100 << self.failures.min(6)).min(Duration::from_secs(5)));
    }

    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// An open transaction that ends what may be read.
#[derive(Debug, Default)]
pub(super) struct Hold {
    /// Where, since when we see it, and on what clock.
    pub seen: Option<(i64, Instant, Timestamp)>,
    pub asked: Option<Instant>,
    pub by: Option<Held>,
}

/// Damage on the way, or on one broker's disk, may be gone with the next answer or the next leader.
const DAMAGED_TIMES: u32 = 3;
const DAMAGED_FOR: Duration = Duration::from_secs(3);

/// A leader is asked anew which replica is the nearest (as Kafka's own clients do with every renewal of metadata).
const REPLICA_FOR: Duration = Duration::from_secs(300);
/// So long its leader is read alone after a replica failed.
const LEADER_ONLY_FOR: Duration = Duration::from_secs(30);

/// Metadata may not yet know a topic that was just made, so its absence counts only when repeated for this long.
const GONE_AFTER: Duration = Duration::from_secs(2);

impl Partition {
    pub fn new(assignment: Assignment) -> Self {
        let Assignment { address, incarnation, start } = assignment;
        let topic = topic_id(&incarnation).unwrap_or_default();
        let seek = Seek::of(&start);
        let mut partition = Self {
            address,
            topic,
            phase: seek.map_or(Phase::Over, Phase::Locating),
            leader: None,
            replica: None,
            leader_only: None,
            place: match seek {
                Some(Seek::Place(place)) => Some(place),
                _ => None,
            },
            began: match start {
                StartAt::Cursor(cursor) => Some(cursor),
                _ => None,
            },
            told: None,
            walk: None,
            batch: None,
            gap: None,
            skip: None,
            damaged: None,
            ended: None,
            trouble: None,
            trouble_told: None,
            start: None,
            stable_end: None,
            end: None,
            held: Hold::default(),
            retry: Retry::default(),
            asking: false,
            queued: false,
            missing: None,
            other: None,
        };
        if seek.is_none() {
            partition.trouble = Some((Trouble::Batch, "its stored cursor is none of this connector's".to_owned()));
        }
        partition
    }

    pub fn has_news(&self) -> bool {
        let read = self.walk.is_some() || self.batch.is_some() || self.skip.is_some();
        read || self.ended.is_some() || self.untold_trouble().is_some()
    }

    /// A batch is half handed out: it goes first, so that only one is ever held unpacked.
    pub fn is_midway(&self) -> bool {
        self.batch.is_some()
    }

    /// Fetched bytes that are not walked yet.
    pub fn unwalked(&self) -> usize {
        self.walk.as_ref().map_or(0, Walk::len)
    }

    pub fn fetchable(&self, now: Instant) -> bool {
        self.phase == Phase::Reading && self.skip.is_none() && self.retry.due(now)
    }

    pub fn locatable(&self, now: Instant) -> Option<Seek> {
        match self.phase {
            Phase::Locating(seek) if !self.asking && self.retry.due(now) => Some(seek),
            _ => None,
        }
    }

    pub fn target(&self, number: u64, max_bytes: i32) -> Option<Target> {
        let place = self.place?;
        let leader_epoch = self.leader.map_or(-1, |(_, epoch)| epoch);
        Some(Target {
            number,
            topic: (self.address.channel.clone(), self.topic),
            partition: self.address.number,
            ask: Ask { offset: place.next, epoch: place.epoch, leader_epoch, max_bytes },
        })
    }

    // ── which replica is read (KIP-392) ─────────────────────────────────

    /// The broker to read from: the nearest replica where the leader has pointed to one, else the leader.
    pub fn read_from(&self, now: Instant) -> Option<i32> {
        let (leader, _) = self.leader?;
        Some(self.replica.filter(|(_, until)| *until > now).map_or(leader, |(replica, _)| replica))
    }

    pub fn is_leader_only(&self, now: Instant) -> bool {
        self.leader_only.is_some_and(|until| until > now)
    }

    /// The leader points to another replica instead of answering.
    pub fn nearer(&mut self, replica: i32, now: Instant) {
        self.replica = Some((replica, now + REPLICA_FOR));
    }

    /// Back to the leader; true if another replica was read.
    pub fn leave_replica(&mut self, now: Instant) -> bool {
        let left = self.replica.take().is_some();
        if left {
            self.leader_only = Some(now + LEADER_ONLY_FOR);
        }
        left
    }

    fn untold_trouble(&self) -> Option<&String> {
        self.trouble.as_ref().map(|(_, why)| why).filter(|why| self.trouble_told.as_ref() != Some(why))
    }

    pub fn fail(&mut self, kind: Trouble, why: String) {
        self.trouble = Some((kind, why));
    }

    pub fn recover(&mut self, kind: Trouble) -> bool {
        self.trouble.take_if(|(k, _)| *k == kind).is_some()
    }

    // ── what questions answered ─────────────────────────────────────────

    /// Looks for its place again: the broker says that it is not in the log.
    pub fn relocate(&mut self) {
        if let Some(place) = self.place {
            self.phase = Phase::Locating(Seek::Place(place));
            self.skip = None;
        }
    }

    pub fn found(&mut self, found: Found) {
        self.retry.reset();
        self.recover(Trouble::Fetching);
        (self.start, self.stable_end) = (Some(found.start), Some(found.end));
        match found.located {
            Located::At { place, gap } => {
                self.phase = Phase::Reading;
                self.place = Some(place);
                self.gap = gap;
            }
            Located::Cut { to } => {
                let from = self.place.map_or(to.next, |p| p.next);
                let leader_epoch = self.leader.map_or(to.epoch + 1, |(_, epoch)| epoch);
                let gap = Gap {
                    from: Position(to.next),
                    to: Some(Position(from)),
                    reason: GapReason::Truncated,
                    detail: format!("the log was cut at {}, below {from}, and written anew from there", to.next),
                };
                let successor = (after_cut(self.topic, leader_epoch), StartAt::Cursor(to.to_cursor()));
                self.end_with(GapReason::Truncated, gap, Some(successor));
            }
        }
    }

    /// An answer shows another topic under its name; true once a second one in a row says so: while a topic is made
    /// again, or an address leads elsewhere for a moment, brokers disagree.
    pub fn renewed(&mut self, topic: TopicId) -> bool {
        let sure = self.other.replace(topic) == Some(topic);
        if sure {
            let gap = self.rest(GapReason::Recreated, "was deleted and made again");
            self.end_with(GapReason::Recreated, gap, Some((incarnation(topic), StartAt::Earliest)));
        }
        sure
    }

    /// Metadata does not know the topic; true once that is certain.
    pub fn not_listed(&mut self, now: Instant) -> bool {
        let (since, times) = self.missing.map_or((now, 1), |(since, times)| (since, times + 1));
        self.missing = Some((since, times));
        let gone = times > 2 && now - since >= GONE_AFTER;
        if gone {
            let gap = self.rest(GapReason::Deleted, "was deleted");
            self.end_with(GapReason::Deleted, gap, None);
        }
        gone
    }

    /// Metadata shows the topic, under this id.
    pub fn listed(&mut self, topic: TopicId) {
        self.missing = None;
        self.other.take_if(|other| *other != topic || topic == self.topic);
    }

    /// How far the old log went is not known any more.
    fn rest(&self, reason: GapReason, what: &str) -> Gap {
        let untold = self.gap.as_ref().map(|gap| gap.from);
        let from = untold.or(self.place.map(|p| Position(p.next))).unwrap_or(Position(0));
        Gap { from, to: None, reason, detail: format!("{} {what}", self.address.channel) }
    }

    fn end_with(&mut self, reason: GapReason, gap: Gap, successor: Option<(Incarnation, StartAt)>) {
        self.phase = Phase::Over;
        (self.walk, self.batch, self.skip, self.trouble) = (None, None, None, None);
        self.ended = Some(Ended { address: self.address.clone(), reason, gap, successor });
    }

    /// A fetch's answer without an error.
    pub fn fetched(&mut self, response: FetchPartitionResponse, now: Instant, clock: Timestamp) {
        let known = |offset: i64| (offset >= 0).then_some(offset);
        self.retry.reset();
        self.recover(Trouble::Fetching);
        self.recover(Trouble::Routing);
        self.start = known(response.log_start_offset).or(self.start);
        self.end = known(response.high_watermark).or(self.end);
        // Before Fetch v4's transactions there was only one end.
        self.stable_end = known(response.last_stable_offset).or(known(response.high_watermark)).or(self.stable_end);
        let held_at = self.stable_end.filter(|stable| self.end.is_some_and(|end| *stable < end));
        if self.held.seen.map(|(at, ..)| at) != held_at {
            self.held = Hold { seen: held_at.map(|at| (at, now, clock)), ..Hold::default() };
        }
        if let Some(piece) = response.records.filter(|r| !r.is_empty()) {
            self.walk = Some(Walk::new(piece, response.aborted_transactions));
        }
    }

    // ── what is told ────────────────────────────────────────────────────

    /// `others` wait for their turn: what is half handed out is finished, and no more begun.
    pub fn tell(&mut self, budget: &mut Budget, others: bool) -> Option<Reading> {
        if let Some(ended) = self.ended.take() {
            return Some(Reading::Ended(ended));
        }
        if let Some(chunk) = self.chunk(budget, others) {
            return Some(Reading::Chunk(chunk));
        }
        let reason = self.untold_trouble()?.clone();
        self.trouble_told = Some(reason.clone());
        Some(Reading::Stuck { address: self.address.clone(), reason })
    }

    fn chunk(&mut self, budget: &mut Budget, others: bool) -> Option<Chunk> {
        let before = self.place.filter(|_| self.phase == Phase::Reading)?;
        if self.gap.is_none()
            && let Some((gap, behind)) = self.skip.take()
        {
            (self.gap, self.place) = (Some(gap), Some(behind));
            self.recover(Trouble::Batch);
            self.retry.reset();
        }
        let before = self.place.unwrap_or(before);
        let (mut place, mut records, mut broker_bytes) = (before, Vec::new(), 0);
        let yields = others && self.batch.is_some();
        loop {
            if let Some(batch) = &mut self.batch {
                while let Some(size) = batch.peek(place.next)
                    && budget.take(size)
                    && let Some(record) = batch.take()
                {
                    place = Place { next: record.position.0.saturating_add(1), epoch: batch.epoch };
                    records.push(record);
                }
                if budget.full {
                    break;
                }
                place = past(place, batch.next, batch.epoch);
                self.batch = None;
            }
            let Some(walk) = self.walk.as_mut().filter(|_| !budget.full && !yields) else { break };
            match walk.step() {
                Step::Records(batch) => {
                    broker_bytes += batch.wire_bytes;
                    self.batch = Some(batch);
                }
                Step::Passed { next, epoch, wire_bytes } => {
                    broker_bytes += wire_bytes;
                    place = past(place, next, epoch);
                }
                Step::End => self.walk = None,
                Step::Bad(bad) => {
                    // Fetched anew from wherever it goes on: an aborted transaction may have ended in this batch.
                    self.walk = None;
                    self.bad(bad, place, Instant::now());
                    break;
                }
            }
        }
        if place != before {
            self.place = Some(place);
            self.recover(Trouble::Batch);
        }
        let recovered = self.trouble.is_none() && self.trouble_told.take().is_some();
        let told = Told { place, start: self.start, end: self.stable_end, held: self.held.by.clone() };
        if self.told.as_ref() == Some(&told) && self.gap.is_none() && !recovered {
            return None;
        }
        let gap = self.gap.take();
        let previous = self.told.as_ref().map_or_else(|| self.began.clone(), |t| Some(t.place.to_cursor()));
        self.told = Some(told);
        Some(Chunk {
            address: self.address.clone(),
            previous,
            records,
            next: place.to_cursor(),
            next_position: Position(place.next),
            gap,
            start: self.start.map(Position),
            end: self.stable_end.map(Position),
            held: self.held.by.clone(),
            broker_bytes,
        })
    }
}

impl Partition {
    /// A batch at `place` can't be read: it is asked for again, or left out once that is of no use. One whose end is
    /// not known keeps its partition stuck.
    fn bad(&mut self, bad: Bad, place: Place, now: Instant) {
        let (since, times) = match self.damaged {
            Some((offset, since, times)) if offset == place.next => (since, times + 1),
            _ => (now, 1),
        };
        self.damaged = Some((place.next, since, times));
        let in_vain = bad.for_good || (times >= DAMAGED_TIMES && now - since >= DAMAGED_FOR);
        // The header of a damaged batch may be damaged too: an end beyond the log's is none.
        let next = bad.next.filter(|(next, _)| *next > place.next && self.end.is_none_or(|end| *next <= end));
        match next {
            Some((next, epoch)) if in_vain => {
                let detail = format!("{} (offset {}); it was left out", bad.why, place.next);
                let (from, to) = (Position(place.next), Some(Position(next)));
                let gap = Gap { from, to, reason: GapReason::CaptureLimit, detail };
                self.skip = Some((gap, Place { next, epoch }));
            }
            next => {
                let end = if next.is_none() { ", and where it ends is not known" } else { "" };
                self.fail(Trouble::Batch, format!("{} (offset {}{end})", bad.why, place.next));
                // Each fetch that brings it resets this, so the count is the batch's own.
                self.retry.failures = times;
                self.retry.failed(now);
            }
        }
    }
}

/// Walked up to `next`; a batch that lies wholly below never takes a place back.
fn past(place: Place, next: i64, epoch: i32) -> Place {
    if next > place.next { Place { next, epoch } } else { place }
}
