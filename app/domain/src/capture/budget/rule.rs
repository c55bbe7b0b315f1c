use crate::ChannelId;
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, ops::RangeInclusive};

/// From here on people are warned.
pub const WARN_PER_CENT: u64 = 80;
/// From here on channels give way,
pub const FULL_PER_CENT: u64 = 95;
/// until no more than this is used.
pub const BELOW_PER_CENT: u64 = 90;
/// Below this there is room again for payloads that were not kept.
pub const ROOM_PER_CENT: u64 = 85;

/// The least budget: some buckets with their indexes must fit.
pub const LEAST_BUDGET: u64 = 10_000_000;
pub const MOST_BUDGET: u64 = 1_000_000_000_000_000;

/// When a channel gives way: those with 1 first, those with 9 last.
pub const TURNS: RangeInclusive<u8> = 1..=9;
pub const DEFAULT_TURN: u8 = 5;

/// # Errors
/// Why it can't be, in a sentence.
pub fn check_budget(bytes: Option<u64>) -> Result<(), String> {
    match bytes {
        Some(n) if !(LEAST_BUDGET..=MOST_BUDGET).contains(&n) => {
            Err("A budget is 10 MB to 1,000,000 GB; none at all is a budget without end.".into())
        }
        _ => Ok(()),
    }
}

/// How full the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// There is room.
    Room,
    /// From [`WARN_PER_CENT`] on.
    Warn,
    /// From [`FULL_PER_CENT`] on.
    Full,
}

impl Fill {
    pub fn of(used: u64, budget: u64) -> Self {
        match () {
            () if used >= part(budget, FULL_PER_CENT) => Self::Full,
            () if used >= part(budget, WARN_PER_CENT) => Self::Warn,
            () => Self::Room,
        }
    }
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Warn => "warn",
            Self::Full => "full",
        }
    }
}

/// What a channel has at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    pub channel: ChannelId,
    /// Of [`TURNS`].
    pub turn: u8,
    /// Bytes of its payloads that may be given up; what a hold keeps is not among them.
    pub payload: u64,
    /// Bytes of payloads that come in a day.
    pub per_day: u64,
    /// Would it keep payloads, had it the room?
    pub keeps_payloads: bool,
    /// They are not kept at present, for want of room.
    pub withheld: bool,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetStep {
    /// Deletes so many bytes of its payloads, the oldest first.
    GiveUp { channel: ChannelId, bytes: u64 },
    /// Keeps metadata only from now on.
    Withhold { channel: ChannelId },
    /// Keeps again what its policy says.
    Restore { channel: ChannelId },
}

/// Those that give way first come first: by their turn, the largest first.
pub fn in_order(stakes: &[Stake]) -> Vec<Stake> {
    let mut order = stakes.to_vec();
    order.sort_by_key(|s| (s.turn, Reverse(s.payload.max(s.per_day)), s.channel));
    order
}

/// What is to be done about `used` bytes of a budget of so many; `None`: there is none.
///
/// - Below [`FULL_PER_CENT`] nothing gives way. From there on payloads go until [`BELOW_PER_CENT`] is used: turn after turn;
///   within one the largest channel first, down to the size of the next, then both, and so on.
/// - Where that is not enough, or comes too late (the budget is used up), payloads of the next channel in the order are not
///   kept any more; of all channels at once where what can't be given up fills the budget alone.
/// - Below [`ROOM_PER_CENT`] the channel that gave way last keeps its payloads again; one at a time, so that what comes is
///   measured before the next does.
pub fn steps(budget: Option<u64>, used: u64, stakes: &[Stake]) -> Vec<BudgetStep> {
    let order = in_order(stakes);
    let withheld = || order.iter().rev().filter(|s| s.withheld).map(|s| BudgetStep::Restore { channel: s.channel });
    let Some(budget) = budget else { return withheld().collect() };
    if used < part(budget, ROOM_PER_CENT) {
        return withheld().take(1).collect();
    }
    if Fill::of(used, budget) != Fill::Full {
        return Vec::new();
    }
    let excess = used - part(budget, BELOW_PER_CENT);
    let mut steps = give_up(excess, &order);
    let there: u64 = order.iter().fold(0, |sum, s| sum.saturating_add(s.payload));
    if there < excess || used >= budget {
        let stays = used.saturating_sub(there);
        let most = if stays >= budget { usize::MAX } else { 1 };
        let next = order.iter().filter(|s| s.keeps_payloads && !s.withheld).take(most);
        steps.extend(next.map(|s| BudgetStep::Withhold { channel: s.channel }));
    }
    steps
}

fn give_up(excess: u64, order: &[Stake]) -> Vec<BudgetStep> {
    let (mut left, mut steps) = (excess, Vec::new());
    for turn in order.chunk_by(|a, b| a.turn == b.turn) {
        let bytes = levelled(left, &turn.iter().map(|s| s.payload).collect::<Vec<_>>());
        for (stake, bytes) in turn.iter().zip(bytes).filter(|(_, bytes)| *bytes > 0) {
            left = left.saturating_sub(bytes);
            steps.push(BudgetStep::GiveUp { channel: stake.channel, bytes });
        }
    }
    steps
}

/// What each gives, so that `wanted` is given in all and none that gives keeps less than one that does not.
fn levelled(wanted: u64, sizes: &[u64]) -> Vec<u64> {
    let over = |level: u64| sizes.iter().map(|s| u128::from(s.saturating_sub(level))).sum::<u128>();
    let wanted = u128::from(wanted);
    // The highest level above which there is as much as is wanted.
    let (mut low, mut high) = (0_u64, sizes.iter().copied().max().unwrap_or(0));
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if over(middle) >= wanted { low = middle } else { high = middle - 1 }
    }
    let mut spare = over(low).saturating_sub(wanted);
    let given = sizes.iter().map(|size| {
        let bytes = size.saturating_sub(low);
        // Too much by less than one for each: some keep one byte more.
        let less = u64::try_from(spare.min(u128::from(bytes.min(1)))).unwrap_or(0);
        spare -= u128::from(less);
        bytes - less
    });
    given.collect()
}

fn part(of: u64, per_cent: u64) -> u64 {
    u64::try_from(u128::from(of) * u128::from(per_cent) / 100).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stake(channel: i64, turn: u8, payload: u64) -> Stake {
        Stake { channel: ChannelId(channel), turn, payload, per_day: 0, keeps_payloads: true, withheld: false }
    }

    #[test]
    fn the_largest_gives_down_to_the_size_of_the_next_and_a_later_turn_waits() {
        let stakes = [stake(1, 5, 500), stake(2, 5, 300), stake(3, 5, 100), stake(4, 9, 9_000), stake(5, 1, 60)];
        let give = |channel, bytes| BudgetStep::GiveUp { channel: ChannelId(channel), bytes };
        // 9,460 of 10,000 are used: 460 too much.
        assert_eq!(steps(Some(10_000), 9_460, &stakes), []);
        let full = steps(Some(10_000), 9_560, &stakes);
        assert_eq!(full, [give(5, 60), give(1, 350), give(2, 150)]);
        assert_eq!(steps(Some(10_000), 9_510, &stakes)[..2], [give(5, 60), give(1, 325)]);
    }

    #[test]
    fn what_is_not_enough_is_followed_by_metadata_only_and_room_brings_payloads_back() {
        let withhold = |channel| BudgetStep::Withhold { channel: ChannelId(channel) };
        let empty = [stake(1, 5, 0), stake(2, 1, 0), stake(3, 9, 0)];
        assert_eq!(steps(Some(1_000), 960, &empty), [withhold(2)]);
        assert_eq!(steps(Some(1_000), 1_000, &empty), [withhold(2), withhold(1), withhold(3)]);
        let mut some = empty;
        some[1].withheld = true;
        assert_eq!(steps(Some(1_000), 960, &some), [withhold(1)]);
        some[0].withheld = true;
        assert_eq!(steps(Some(1_000), 860, &some), []);
        // The one that gave way last first.
        let restore = |channel| BudgetStep::Restore { channel: ChannelId(channel) };
        assert_eq!(steps(Some(1_000), 840, &some), [restore(1)]);
        assert_eq!(steps(None, 5_000, &some), [restore(1), restore(2)]);
    }

    fn stakes() -> impl Strategy<Value = Vec<Stake>> {
        let one = (1..=9_u8, 0..2_000_u64, 0..500_u64, any::<bool>(), any::<bool>());
        prop::collection::vec(one, 0..12).prop_map(|all| {
            let each = all.into_iter().enumerate();
            each.map(|(n, (turn, payload, per_day, keeps_payloads, withheld))| Stake {
                channel: ChannelId(n as i64),
                turn,
                payload,
                per_day,
                keeps_payloads,
                withheld: withheld && keeps_payloads,
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn as_much_goes_as_must_and_nobody_out_of_turn(budget in 1_000..20_000_u64, used in 0..30_000_u64, stakes in stakes()) {
            let done = steps(Some(budget), used, &stakes);
            let gives = |channel: ChannelId| done.iter().find_map(|s| match s {
                BudgetStep::GiveUp { channel: of, bytes } if *of == channel => Some(*bytes),
                _ => None,
            }).unwrap_or(0);
            let given: u64 = stakes.iter().map(|s| gives(s.channel)).sum();
            let there: u64 = stakes.iter().map(|s| s.payload).sum();
            let excess = if Fill::of(used, budget) == Fill::Full { used - part(budget, BELOW_PER_CENT) } else { 0 };
            prop_assert_eq!(given, excess.min(there));
            for one in &stakes {
                prop_assert!(gives(one.channel) <= one.payload);
                for other in &stakes {
                    if one.turn < other.turn && gives(other.channel) > 0 {
                        prop_assert_eq!(gives(one.channel), one.payload);
                    }
                    if one.turn == other.turn && gives(one.channel) > 0 {
                        // To a byte: what is wanted may not be parted evenly.
                        let stays = |s: &Stake| s.payload - gives(s.channel);
                        prop_assert!(stays(other) <= stays(one) + 1 || gives(other.channel) == 0 && other.payload <= stays(one) + 1);
                    }
                }
            }
        }

        #[test]
        fn payloads_are_withheld_only_for_want_of_room_and_come_back_only_with_it(
            budget in 1_000..20_000_u64, used in 0..30_000_u64, stakes in stakes()
        ) {
            let done = steps(Some(budget), used, &stakes);
            let there: u64 = stakes.iter().map(|s| s.payload).sum();
            for step in &done {
                match step {
                    BudgetStep::Withhold { channel } => {
                        let of = stakes.iter().find(|s| s.channel == *channel).unwrap();
                        prop_assert!(of.keeps_payloads && !of.withheld);
                        prop_assert!(used >= budget || used - there > part(budget, BELOW_PER_CENT));
                    }
                    BudgetStep::Restore { channel } => {
                        prop_assert!(used < part(budget, ROOM_PER_CENT));
                        prop_assert!(stakes.iter().any(|s| s.channel == *channel && s.withheld));
                    }
                    BudgetStep::GiveUp { .. } => prop_assert!(used >= part(budget, FULL_PER_CENT)),
                }
            }
            // The same, in whatever order they are told.
            let mut turned = stakes.clone();
            turned.reverse();
            prop_assert_eq!(steps(Some(budget), used, &turned), done);
        }
    }
}
