//! A real Kafka keeps what every broker must.

mod cluster;

use cluster::Cluster;

weir_broker::conformance_tests!(Cluster::shared().await);
