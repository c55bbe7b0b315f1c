use super::{EventsCases, filter, row};
use crate::{audit::Batch, views::Sight};
use std::time::{Duration, Instant};
use weir_decode::Payloads;
use weir_domain::{
    CaseError, ChannelId, EventId, PartitionId, Position, Timestamp,
    access::Caller,
    audit::Field,
    capture::Header,
    events::{
        BrokerFound, BrokerLimits, BrokerRange, BrokerRecord, BrokerRow, BrokerSearched, BrokerStretch, EventFilter,
        KeptAway, PartitionSearched, StoredRow, sort_time,
    },
    search::{Decoded, Decoder, HeaderBytes, Part, Query, Searched, Verdict},
    verify::Candidate,
};

pub const NAME: &str = "events/from_broker";

/// Matches of one step.
pub const MOST_FOUND: usize = 200;
/// Stretches of a partition are read up to here at once; they end at their bytes long before.
const POSITIONS: i64 = 1 << 40;
/// By time, reading begins so much before and ends so much after what is stored of the range: events are not quite in order.
const SLACK_SECS: i64 = 600;
/// Events judged before others have their turn.
const TOGETHER: u64 = 64;
/// A channel with more partitions is not searched so.
const MOST_PARTITIONS: usize = 1_000;

/// What is looked for, where, and how far one step goes.
#[derive(Debug, Clone)]
pub struct BrokerAsked {
    pub channel: ChannelId,
    pub query: Option<String>,
    pub range: BrokerRange,
    pub limits: BrokerLimits,
    /// `next` of the step before.
    pub after: Option<EventId>,
}

/// One step under way.
struct Step<'a> {
    limits: BrokerLimits,
    begun: Instant,
    now: Timestamp,
    rows: Vec<BrokerRow>,
    /// Told what matches as it is found, so that it ends with that wherever it is cut off.
    batch: &'a mut Batch,
    searched: BrokerSearched,
}

impl Step<'_> {
    fn left(&self) -> Option<BrokerLimits> {
        let read = u32::try_from(self.searched.read).unwrap_or(u32::MAX);
        let left = BrokerLimits {
            events: self.limits.events.saturating_sub(read),
            bytes: self.limits.bytes.saturating_sub(self.searched.bytes),
            seconds: u32::try_from(self.rest().as_secs()).unwrap_or(0),
        };
        let more = left.events > 0 && left.bytes > 0 && left.seconds > 0 && self.rows.len() < MOST_FOUND;
        more.then_some(left)
    }

    fn rest(&self) -> Duration {
        // Its last second counts as one.
        let whole = Duration::from_secs(u64::from(self.limits.seconds) + 1);
        whole.saturating_sub(self.begun.elapsed()).saturating_sub(Duration::from_millis(1))
    }
}

/// How the reading of one partition came out.
enum Came {
    ToItsEnd,
    /// The step's limits ended it; it goes on there.
    To(Position),
    /// It can't be read now: the search goes on with the next one, and is not complete.
    Away,
}

impl EventsCases {
    /// Looks for events of one channel in its broker, one bounded step: what is not stored is read there, within the share
    /// of the source's cap that reads beside capture have. Nothing of it is kept. `Ok(None)`: there is no such channel, or
    /// it may not be seen.
    ///
    /// # Errors
    /// Also where the query can't be read, or names what may not be seen.
    pub async fn from_broker(&self, caller: &Caller, asked: BrokerAsked) -> Result<Option<BrokerFound>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let filter = EventFilter {
            channel: Some(asked.channel),
            query: asked.query.clone(),
            range: asked.range.time,
            ..EventFilter::default()
        };
        let query = filter::checked(&sight, &filter).await?;
        if let (Some(from), Some(to)) = (asked.range.from, asked.range.to)
            && from >= to
        {
            return Err(CaseError::Invalid {
                what: "The range of offsets ends before it begins.".into(),
                what_to_do: "Give a first offset below the last one, or leave one of them out.".into(),
            });
        }
        let limits = asked.limits.within_caps();
        let about = filter::about(&sight, &filter, &query, []);
        let shape = about.shape.clone().with(Field::Limit, limits.events);
        let shape = if asked.after.is_some() { shape.with(Field::Older, true) } else { shape };
        // Before the broker is asked: who hangs up halfway has had events read all the same.
        let mut batch = sight.trail.begin(about.shape(shape)).await?;
        match self.searched(&sight, &query, &asked, limits, &mut batch).await {
            Ok(found) => {
                batch.end(found.as_ref().map_or("nothing that may be seen", ended)).await?;
                Ok(found)
            }
            Err(error) => {
                batch.ending("failed");
                Err(error)
            }
        }
    }

    async fn searched(
        &self,
        sight: &Sight,
        query: &Query,
        asked: &BrokerAsked,
        limits: BrokerLimits,
        batch: &mut Batch,
    ) -> Result<Option<BrokerFound>, CaseError> {
        let Some(named) = sight.channel(asked.channel) else { return Ok(None) };
        let (source_name, channel_name) = (named.source_name.clone(), named.channel_name.clone());
        let now = self.now();
        let mut parts = self.0.verifying.open_partitions(&sight.view, asked.channel).await?;
        parts.retain(|p| asked.range.partition.is_none_or(|number| p.at.number == number));
        if parts.len() > MOST_PARTITIONS {
            return Err(CaseError::Invalid {
                what: format!("{channel_name} has more than {MOST_PARTITIONS} partitions."),
                what_to_do: "Search it with a client of the broker.".into(),
            });
        }
        let mut step = Step {
            limits,
            begun: Instant::now(),
            now,
            rows: Vec::new(),
            batch,
            searched: BrokerSearched {
                of: u32::try_from(parts.len()).unwrap_or(u32::MAX),
                unseen: filter::unseen(sight, query),
                ..BrokerSearched::default()
            },
        };
        let next = self.step(sight, query, asked, &parts, &mut step).await?;
        let Step { rows, mut searched, begun, .. } = step;
        searched.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let problems = searched.partitions.iter().any(|p| !p.problems.is_empty());
        // Of partitions that an earlier step came to, that step has told.
        searched.complete = next.is_none() && searched.of > 0 && !problems && searched.unseen.is_empty();
        Ok(Some(BrokerFound { channel_name, source_name, rows, searched, limits, read_at: now, next }))
    }

    async fn step(
        &self,
        sight: &Sight,
        query: &Query,
        asked: &BrokerAsked,
        parts: &[Candidate],
        step: &mut Step<'_>,
    ) -> Result<Option<EventId>, CaseError> {
        for part in parts {
            if asked.after.is_some_and(|at| part.partition < at.partition) {
                step.searched.done += 1;
                continue;
            }
            let (from, to) = self.bounds(sight, asked, part).await?;
            let from = asked.after.filter(|at| at.partition == part.partition).map_or(from, |at| at.position.max(from));
            if step.left().is_none() {
                return Ok(Some(EventId { partition: part.partition, position: from }));
            }
            match self.part(sight, query, asked, part, (from, to), step).await? {
                Came::ToItsEnd => step.searched.done += 1,
                Came::To(position) => return Ok(Some(EventId { partition: part.partition, position })),
                Came::Away => {}
            }
        }
        Ok(None)
    }

    /// Where to look in a partition: what is stored of it tells where a time is, if something older is stored as well.
    async fn bounds(
        &self,
        sight: &Sight,
        asked: &BrokerAsked,
        part: &Candidate,
    ) -> Result<(Position, Option<Position>), CaseError> {
        let BrokerRange { time, from, to, .. } = asked.range;
        let mut begin = Position(0);
        if let Some(since) = time.from {
            let at = self.0.verifying.position_at(&sight.view, part.partition, since.plus_secs(-SLACK_SECS)).await?;
            begin = match at {
                // Nothing stored is that young: what is comes before it.
                None => part.next,
                Some(at) if at > part.first => at,
                Some(_) => begin,
            };
        }
        let mut end = to;
        if let Some(until) = time.to
            && let Some(at) =
                self.0.verifying.position_until(&sight.view, part.partition, until.plus_secs(SLACK_SECS)).await?
        {
            end = Some(end.map_or(at, |end| end.min(at)));
        }
        Ok((begin.max(from.unwrap_or(begin)), end))
    }

    async fn part(
        &self,
        sight: &Sight,
        query: &Query,
        asked: &BrokerAsked,
        part: &Candidate,
        (from, to): (Position, Option<Position>),
        step: &mut Step<'_>,
    ) -> Result<Came, CaseError> {
        let mut told =
            PartitionSearched { number: part.at.number, from, next: from, end: to, done: false, problems: Vec::new() };
        let came = loop {
            let last = to.unwrap_or(Position(i64::MAX)).min(Position(told.next.0.saturating_add(POSITIONS)));
            if told.next >= last {
                break Came::ToItsEnd;
            }
            let Some(left) = step.left() else { break Came::To(told.next) };
            match self.0.live.stretch(&sight.view, part.partition, (told.next, last), left).await? {
                BrokerStretch::NotRead { what, what_to_do } => {
                    told.problems.push(format!("{what} {what_to_do}").trim().to_owned());
                    break Came::Away;
                }
                BrokerStretch::NotYet { what, what_to_do } => {
                    // What was read before stands; where nothing was, it is said why.
                    if told.next == from && step.searched.partitions.is_empty() {
                        told.problems.push(format!("{what} {what_to_do}").trim().to_owned());
                    }
                    break Came::To(told.next);
                }
                // The range begins where nothing was written yet.
                BrokerStretch::Beyond if told.next > part.next => break Came::ToItsEnd,
                BrokerStretch::Beyond | BrokerStretch::Replaced => {
                    told.problems.push(
                        "The channel was deleted or made again at the broker, or its log was cut: nothing of this \
                         partition can be read any more."
                            .into(),
                    );
                    break Came::Away;
                }
                BrokerStretch::Read { records, next, end, left_out, bytes, .. } => {
                    step.searched.bytes += bytes;
                    told.problems.extend(left_out.into_iter().take(20));
                    told.end = match (to, end) {
                        (Some(to), Some(end)) => Some(to.min(end)),
                        (to, end) => to.or(end),
                    };
                    let before = told.next;
                    told.next = next.min(last).max(before);
                    // Before anything is judged: what was erased does not even tell whether it would match.
                    let positions: Vec<_> = records.iter().map(|r| r.position).collect();
                    let known = match positions.is_empty() {
                        true => KeptAway::default(),
                        false => self.0.rows.kept_away(&sight.view, part.partition, &positions).await?,
                    };
                    for (of, record) in records.into_iter().enumerate() {
                        // What was read is judged as far as time goes; the first always is, so that every step gets on.
                        if step.rows.len() >= MOST_FOUND || (of > 0 && step.rest().is_zero()) {
                            told.next = record.position;
                            break;
                        }
                        step.searched.read += 1;
                        if known.positions.contains(&record.position) {
                            step.searched.kept_away += 1;
                            continue;
                        }
                        if step.searched.read.is_multiple_of(TOGETHER) {
                            // Others want this thread as well.
                            tokio::task::yield_now().await;
                        }
                        self.judged(sight, query, asked, (part, known.filled), record, step).await?;
                    }
                    if end.is_some_and(|end| told.next >= end) {
                        break Came::ToItsEnd;
                    }
                    if told.next == before {
                        // A broker that says nothing of its log's end, and has nothing more.
                        break Came::ToItsEnd;
                    }
                }
            }
        };
        told.done = matches!(came, Came::ToItsEnd);
        step.searched.partitions.push(told);
        Ok(came)
    }

    /// Keeps an event for the answer, if it matches and may be shown.
    async fn judged(
        &self,
        sight: &Sight,
        query: &Query,
        asked: &BrokerAsked,
        (part, filled): (&Candidate, Option<PartitionId>),
        found: BrokerRecord,
        step: &mut Step<'_>,
    ) -> Result<(), CaseError> {
        let BrokerRecord { position, event_type, record } = found;
        let (time, time_mark) = sort_time(record.time_kind, record.broker_ms, step.now);
        let view = &sight.view;
        let raw = &record.raw;
        let size = raw.key.as_ref().map_or(0, Vec::len)
            + raw.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len)).sum::<usize>()
            + raw.payload.as_ref().map_or(0, Vec::len);
        let Some(named) = sight.channel(asked.channel) else { return Ok(()) };
        let headers = bytes_of(&raw.headers);
        let decoded = match (view.payload(), raw.payload.as_deref()) {
            (true, Some(payload)) => Payloads.decode(payload, &headers),
            _ => Decoded::AsSent,
        };
        let searched = Searched {
            event_type: &event_type,
            channel: &named.channel_name,
            source: &named.source_name,
            environment: &named.environment_name,
            partition: part.at.number,
            offset: position.0,
            size: size as u64,
            time,
            captured_at: step.now,
            key: if view.key() { Part::Shown(raw.key.as_deref()) } else { Part::Masked },
            headers: if view.headers() { Part::Shown(headers.as_slice()) } else { Part::Masked },
            payload: if view.payload() { Part::Shown(raw.payload.as_deref()) } else { Part::Masked },
            decoded: decoded.bytes(),
        };
        if !asked.range.time.contains(time) || query.judge_plainly(&searched) != Verdict::Yes {
            return Ok(());
        }
        let mut id = EventId { partition: part.partition, position };
        let next = EventId { position: Position(position.0.saturating_add(1)), ..id };
        let key_hash = raw.key.as_deref().map(|key| sight.trail.key_hash(key));
        // What is known of it here decides whether it may be shown; of what came before capture nothing is.
        let mut stored = self.0.rows.event(view, id).await?;
        if let (None, Some(partition)) = (&stored, filled) {
            let before = EventId { partition, position };
            stored = self.0.rows.event(view, before).await?;
            if stored.is_some() {
                id = before;
            }
        }
        if let Some(stored) = &stored {
            if stored.row.absent.is_some_and(|why| !why.may_be_read_live()) {
                step.searched.kept_away += 1;
                return Ok(());
            }
            if !record.is(stored, |key| sight.trail.key_hash(key)) {
                step.searched.other += 1;
                return Ok(());
            }
        }
        let known = stored.is_some();
        let absent = stored.as_ref().and_then(|s| s.row.absent);
        let tombstone = raw.payload.is_none();
        let shown = StoredRow {
            id,
            source: part.at.source,
            channel: asked.channel,
            partition_number: part.at.number,
            sort_time: time,
            time_mark,
            captured_at: stored.as_ref().map_or(step.now, |s| s.row.captured_at),
            event_type,
            key: record.raw.key.filter(|_| view.key()),
            key_hash,
            size: size as u64,
            tombstone,
            possible_duplicate: false,
            absent,
            payload_head: record.raw.payload.filter(|_| view.payload()).map(|mut head| {
                head.truncate(row::HEAD);
                head
            }),
        };
        if let Some(row) = row::shown(&shown, sight, row::KEY_IN_LIST) {
            step.rows.push(BrokerRow { row, known, next });
            step.batch.shown(1, key_hash);
        }
        Ok(())
    }
}

/// How a step ended, for the audit log.
const fn ended(found: &BrokerFound) -> &'static str {
    match found {
        BrokerFound { next: Some(_), .. } => "as far as one step goes",
        BrokerFound { searched, .. } if searched.complete => "complete",
        _ => "in part",
    }
}

fn bytes_of(headers: &[Header]) -> Vec<HeaderBytes<'_>> {
    headers.iter().map(|h| HeaderBytes { name: &h.name, value: h.value.as_deref() }).collect()
}
