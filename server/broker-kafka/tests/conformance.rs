//! A real Kafka keeps what every broker must.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::Cluster;

weir_broker::conformance_tests!(Cluster::shared().await);
