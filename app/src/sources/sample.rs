use weir_domain::{EnvironmentId, SourceId, capture::SourceState, sources::SourceShown};

/// A source for tests.
pub(crate) fn source(id: i64, state: SourceState) -> SourceShown {
    SourceShown {
        id: SourceId(id),
        name: format!("source-{id}"),
        kind: "kafka".into(),
        environment: EnvironmentId(1),
        environment_name: "production".into(),
        production: true,
        description: String::new(),
        state,
        since: None,
        reason: None,
        retry_at: None,
        reported_at: None,
        channels: 0,
        left_out_total: 0,
        hidden_channels: 0,
        partitions: 0,
        events_per_s: None,
        broker_bytes_per_s: None,
        behind: None,
        gaps: 0,
        throttled_ms: 0,
        spark: Vec::new(),
        orphan: false,
        may_pause: false,
        may_edit: false,
        capture: "full".into(),
        act: "none".into(),
        read_only: false,
        taps: 0,
        bytes_to_read: None,
    }
}
