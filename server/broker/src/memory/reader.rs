use super::{
    Way,
    cursor::{self, Place},
    state::{Channel, Shared, State},
};
use crate::{Assignment, BrokerError, Chunk, Ended, ReadLimits, Reader, Reading, StartAt};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::{sync::watch, time::timeout};
use weir_domain::{
    Position,
    capture::{Gap, GapReason, Held},
};

/// What the reader last told of a partition: a chunk comes when it would tell something else.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    place: Place,
    start: i64,
    end: i64,
    held: Option<Held>,
}

#[derive(Debug)]
struct Assigned {
    assignment: Assignment,
    told: Option<Told>,
    stuck: Option<String>,
    ended: bool,
}

/// What one `read` may still take.
struct Budget {
    bytes: usize,
    records: usize,
    taken: bool,
}

#[derive(Debug)]
pub(super) struct MemoryReader {
    shared: Arc<Shared>,
    way: Arc<Way>,
    changed: watch::Receiver<()>,
    limits: ReadLimits,
    assigned: Vec<Assigned>,
    /// Whose turn is first, so that a busy partition does not starve the others.
    turn: usize,
}

impl MemoryReader {
    pub fn new(shared: Arc<Shared>, way: Arc<Way>, limits: ReadLimits) -> Self {
        let changed = shared.watch();
        Self { shared, way, changed, limits, assigned: Vec::new(), turn: 0 }
    }

    fn collect(&mut self) -> Result<Vec<Reading>, BrokerError> {
        self.way.pass()?;
        let mut state = self.shared.look()?;
        let mut budget = Budget { bytes: self.limits.bytes, records: self.limits.records, taken: false };
        let count = self.assigned.len();
        let mut news = Vec::new();
        for i in 0..count {
            let assigned = &mut self.assigned[(self.turn + i) % count];
            news.extend(assigned.read(&state, &mut budget));
        }
        self.turn = (self.turn + 1) % count.max(1);
        state.reads += u64::from(!news.is_empty());
        Ok(news)
    }
}

#[async_trait]
impl Reader for MemoryReader {
    async fn assign(&mut self, assignments: Vec<Assignment>) -> Result<(), BrokerError> {
        let mut before = std::mem::take(&mut self.assigned);
        for assignment in assignments {
            let kept = before.iter().position(|a| a.keeps(&assignment)).map(|i| before.swap_remove(i));
            let fresh = Assigned { assignment, told: None, stuck: None, ended: false };
            self.assigned.push(kept.unwrap_or(fresh));
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<Reading>, BrokerError> {
        let deadline = tokio::time::Instant::now() + self.limits.wait;
        loop {
            self.changed.mark_unchanged();
            // From here to the return there is no await: a dropped call has taken nothing.
            let news = self.collect()?;
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            if !news.is_empty() || timeout(left, self.changed.changed()).await.is_err() {
                return Ok(news);
            }
        }
    }

    fn throttled_ms(&self) -> u32 {
        self.shared.lock().throttled_ms
    }
}

impl Assigned {
    fn keeps(&self, wanted: &Assignment) -> bool {
        let same_start = match &self.told {
            Some(told) => wanted.start == StartAt::Cursor(told.place.to_cursor()),
            None => wanted.start == self.assignment.start,
        };
        same_start && self.assignment.address == wanted.address && self.assignment.incarnation == wanted.incarnation
    }

    /// Where it stands, if it began with a cursor or position, or was told of.
    fn place(&self) -> Option<Place> {
        match (&self.told, &self.assignment.start) {
            (Some(told), _) => Some(told.place),
            (None, StartAt::Cursor(cursor)) => Place::of(cursor),
            (None, StartAt::Position(position)) => Some(Place::bare(position.0)),
            _ => None,
        }
    }

    /// The cursor that the next chunk follows.
    fn previous(&self) -> Option<Place> {
        self.place().filter(|_| self.told.is_some() || matches!(self.assignment.start, StartAt::Cursor(_)))
    }

    fn read(&mut self, state: &State, budget: &mut Budget) -> Option<Reading> {
        if self.ended {
            return None;
        }
        let address = self.assignment.address.clone();
        let channel = state.channels.get(&address.channel);
        let place = self.place();
        if let Some(ended) = self.ending(channel, place) {
            self.ended = true;
            return Some(Reading::Ended(ended));
        }
        let Some(log) = state.partition(&address) else {
            return self.stick(format!("{} has no partition {}", address.channel, address.number));
        };
        if let Some(problem) = &log.problem {
            return self.stick(problem.clone());
        }
        let from = place.map_or_else(|| log.resolve(&self.assignment.start), |p| p.next);
        let gap = (from < log.start).then(|| Gap {
            from: Position(from),
            to: Some(Position(log.start)),
            reason: GapReason::RetentionTrimmed,
            detail: format!("the log starts at {} now", log.start),
        });
        let (mut records, mut bytes, mut next) = (Vec::new(), 0, from.max(log.start));
        let mut all = true;
        for (offset, entry) in log.visible(next) {
            let size = entry.record.raw_size();
            if budget.records == 0 || (budget.taken && size > budget.bytes) {
                all = false;
                break;
            }
            budget.bytes = budget.bytes.saturating_sub(size);
            budget.records -= 1;
            budget.taken = true;
            bytes += size as u64;
            next = offset + 1;
            records.push(entry.record.clone());
        }
        if all {
            next = next.max(log.stable_end());
        }
        // Standing still keeps the cursor's very bytes.
        let place_now = self.previous().filter(|p| p.next == next).unwrap_or_else(|| log.place(next));
        let told = Told { place: place_now, start: log.start, end: log.stable_end(), held: log.held() };
        let recovered = self.stuck.take().is_some();
        if self.told.as_ref() == Some(&told) && !recovered {
            return None;
        }
        let chunk = Chunk {
            address,
            previous: self.previous().map(Place::to_cursor),
            records,
            next: told.place.to_cursor(),
            next_position: Position(next),
            gap,
            start: Some(Position(told.start)),
            end: Some(Position(told.end)),
            held: told.held.clone(),
            broker_bytes: bytes,
        };
        self.told = Some(told);
        Some(Reading::Chunk(chunk))
    }

    fn stick(&mut self, reason: String) -> Option<Reading> {
        if self.stuck.as_ref() == Some(&reason) {
            return None;
        }
        self.stuck = Some(reason.clone());
        Some(Reading::Stuck { address: self.assignment.address.clone(), reason })
    }

    fn ending(&self, channel: Option<&Channel>, place: Option<Place>) -> Option<Ended> {
        let from = Position(place.map_or(0, |p| p.next));
        let ended = |reason, to, detail: String, successor| {
            let gap = Gap { from, to, reason, detail };
            Some(Ended { address: self.assignment.address.clone(), reason, gap, successor })
        };
        let name = &self.assignment.address.channel;
        let Some(channel) = channel else {
            return ended(GapReason::Deleted, None, format!("{name} was deleted"), None);
        };
        if !cursor::belongs(&self.assignment.incarnation, channel.id) {
            let successor = Some((cursor::incarnation(channel.id), StartAt::Earliest));
            return ended(GapReason::Recreated, None, format!("{name} was deleted and made again"), successor);
        }
        let log = channel.partitions.get(usize::try_from(self.assignment.address.number).ok()?)?;
        let place = place?;
        let cut = log.cut_below(place)?;
        let successor = (cursor::after_cut(channel.id, log.epoch()), StartAt::Cursor(log.place(cut).to_cursor()));
        let gap = Gap {
            from: Position(cut),
            to: Some(Position(place.next)),
            reason: GapReason::Truncated,
            detail: format!("the log was cut at {cut}, below {}", place.next),
        };
        let address = self.assignment.address.clone();
        Some(Ended { address, reason: GapReason::Truncated, gap, successor: Some(successor) })
    }
}
