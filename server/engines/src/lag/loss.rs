use super::{
    ends::{Channel, Ends},
    partition::Partition,
};
use weir_domain::{
    Timestamp,
    lag::{Loss, TimeLag},
};

/// When retention takes the first unread event of a partition.
pub(super) fn of_partition(
    _p: &Partition,
    _ends: &Ends,
    _channel: &Channel,
    _time_lag: &TimeLag,
    _from: i64,
    _now: Timestamp,
) -> Option<Loss> {
    None
}
