//! What each figure of the console means and how it is counted; said beside it and on the help page.

/// A figure's name and how it is counted.
pub struct Figure {
    pub id: &'static str,
    pub label: &'static str,
    pub how: &'static str,
}

pub const THROUGHPUT: Figure = Figure {
    id: "throughput",
    label: "Throughput",
    how: "Events stored per second, all channels you may see, mean of the last full minute. The line shows events per minute over the last hour.",
};
pub const TAP_DELAY: Figure = Figure {
    id: "tap-delay",
    label: "Tap delay",
    how: "From the broker's timestamp to the moment the event was stored, over the last 5 full minutes. Half of the events (p50) took at most this long; p95 is what 95 of 100 stayed under. Events without a time of their own are left out.",
};
pub const EVENTS_24H: Figure = Figure {
    id: "events-24h",
    label: "Events in 24 h",
    how: "Events stored in the last 24 hours in the channels you may see, counted exactly. Below: the size of their keys, headers and payloads, and what they take on disk once compressed.",
};
pub const BEHIND: Figure = Figure {
    id: "behind",
    label: "Behind",
    how: "Positions between the tap's reading position and the end of each partition, summed. Aborted and compacted positions count too, so it is an upper bound of the events still to be read. At least this many while a partition's end is unknown, or a source is down or paused.",
};
pub const GAPS_24H: Figure = Figure {
    id: "gaps-24h",
    label: "Gaps in 24 h",
    how: "Ranges that the broker lost before they could be read: by retention, truncation, or a re-created or deleted topic. Each is listed with its bounds. 0 means that nothing is missing.",
};
pub const GAPS: Figure = Figure {
    id: "gaps-all",
    label: "Gaps",
    how: "All ranges that the broker lost before they could be read, since capture of this source began. Each is listed below with its bounds.",
};
pub const BROKER_BYTES: Figure = Figure {
    id: "broker-bytes",
    label: "Taken from the broker",
    how: "Bytes that the tap read from the broker per second, as they travelled (compressed where the producer compressed), mean of the last full minute. This is the load that Weir adds.",
};

/// All of them, for the help page.
#[cfg(feature = "ssr")]
pub const FIGURES: &[Figure] = &[THROUGHPUT, TAP_DELAY, EVENTS_24H, BEHIND, GAPS_24H, BROKER_BYTES];
