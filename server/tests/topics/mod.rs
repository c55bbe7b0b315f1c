//! Topics on a broker that has just started.

use std::time::{Duration, Instant};

use krafka::{
    Kafka,
    admin::{CreateTopicsOptions, NewTopic},
    error::{ErrorCode, KrafkaError},
};

/// Makes them. A broker that has just come up may still drop a connection, or have no controller.
pub async fn make(kafka: &Kafka, topics: impl IntoIterator<Item = NewTopic>) {
    let topics: Vec<_> = topics.into_iter().collect();
    let begun = Instant::now();
    loop {
        let made = kafka.admin().create_topics(topics.clone(), CreateTopicsOptions::default()).await;
        let failed = match made {
            Ok(each) => each.into_values().filter_map(Result::err).find(|e| {
                // Made by the attempt before, whose answer was lost.
                !matches!(e, KrafkaError::Broker { code: ErrorCode::TopicAlreadyExists, .. })
            }),
            Err(e) => Some(e),
        };
        let Some(why) = failed else { return };
        assert!(begun.elapsed() < Duration::from_secs(60), "the topics can't be made: {why}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
