use super::session::{Ask, Session, TopicKey};
use krafka::{
    __private::{
        network::ConnectionPool,
        protocol::{
            ApiKey, FetchPartitionResponse, FetchRequest, FetchResponse, VersionedDecode, VersionedEncode, versions,
        },
    },
    KrafkaError, ProtocolErrorKind,
    error::ErrorCode,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

const READ_COMMITTED: i8 = 1;
/// From here on topics are named by id, so that a re-created topic can't answer for the old one.
const TOPIC_IDS: i16 = 13;
const SESSIONS: i16 = 7;

/// One partition of one request.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Of the assignment.
    pub number: u64,
    pub topic: TopicKey,
    pub partition: i32,
    pub ask: Ask,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub broker: i32,
    pub address: String,
    pub targets: Vec<Target>,
    pub max_bytes: i32,
    pub max_wait: Duration,
    /// Where we stand (KIP-392): a leader may point to a nearer replica instead of answering. Empty: it answers itself.
    pub rack: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    /// What was asked, and what came.
    pub partitions: Vec<(Target, FetchPartitionResponse)>,
    pub throttle_ms: u32,
    /// Of the request as a whole.
    pub error: ErrorCode,
}

/// Fetches once from one leader; waits there for at most `max_wait` if there is nothing new.
pub(crate) async fn fetch(
    pool: Arc<ConnectionPool>,
    request: Request,
    session: &mut Session,
) -> Result<Answer, KrafkaError> {
    let answer = ask(&pool, &request, session).await;
    match &answer {
        Ok((response, _)) if response.error_code.is_ok() => session.answered(response.session_id),
        // Whether the broker took the change in is not known: begin a new session.
        _ => session.reset(),
    }
    let (response, by_id) = answer?;
    Ok(match_up(request.targets, response, by_id))
}

async fn ask(
    pool: &ConnectionPool,
    request: &Request,
    session: &mut Session,
) -> Result<(FetchResponse, bool), KrafkaError> {
    let connection = pool.get_connection_by_id(request.broker, &request.address).await?;
    let newest = connection
        .negotiate_api_version(ApiKey::Fetch, versions::FETCH_MAX, versions::FETCH_MIN)
        .ok_or_else(|| KrafkaError::protocol_kind(ProtocolErrorKind::UnknownApiVersion, "no Fetch in common"))?;
    let all_have_ids = request.targets.iter().all(|t| t.topic.1 != [0; 16]);
    let version = if all_have_ids { newest } else { newest.min(TOPIC_IDS - 1) };
    let by_id = version >= TOPIC_IDS;
    if version < SESSIONS {
        session.reset();
    }
    let asks: Vec<_> = request.targets.iter().map(|t| (t.topic.clone(), t.partition, t.ask)).collect();
    let change = session.change(&asks, by_id);
    let mut body = FetchRequest::default();
    body.max_wait_ms = i32::try_from(request.max_wait.as_millis()).unwrap_or(i32::MAX);
    body.min_bytes = 1;
    body.max_bytes = request.max_bytes;
    body.isolation_level = READ_COMMITTED;
    body.rack_id.clone_from(&request.rack);
    (body.session_id, body.session_epoch) = (change.session_id, change.session_epoch);
    (body.topics, body.forgotten_topics) = (change.topics, change.forgotten);
    let mut answer =
        connection.send_request(ApiKey::Fetch, version, |buffer| body.encode_versioned(version, buffer)).await?;
    let response = FetchResponse::decode_versioned(version, &mut answer)?;
    // Obeys a quota: nothing more is sent on this connection until then (KIP-219).
    connection.notify_throttle(response.throttle_time_ms);
    Ok((response, by_id))
}

/// Ends a session, so that the broker need not keep its place. Best effort: it forgets by itself in the end.
pub(crate) async fn end(pool: &ConnectionPool, broker: i32, address: &str, mut session: Session) {
    let Some((id, epoch)) = session.ending() else { return };
    let Ok(connection) = pool.get_connection_by_id(broker, address).await else { return };
    let Some(version) = connection.negotiate_api_version(ApiKey::Fetch, versions::FETCH_MAX, SESSIONS) else { return };
    let mut body = FetchRequest::default();
    (body.session_id, body.session_epoch, body.max_wait_ms, body.min_bytes) = (id, epoch, 1, 1);
    let _ = connection.send_request(ApiKey::Fetch, version, |buffer| body.encode_versioned(version, buffer)).await;
}

fn match_up(targets: Vec<Target>, response: FetchResponse, by_id: bool) -> Answer {
    let mut asked: HashMap<(TopicKey, i32), Target> =
        targets.into_iter().map(|t| ((answer_key(&t.topic, by_id), t.partition), t)).collect();
    let mut partitions = Vec::new();
    for topic in response.responses {
        let key = answer_key(&(topic.topic, topic.topic_id.unwrap_or_default()), by_id);
        for partition in topic.partitions {
            // What was not asked for is left over from the session's last change; it comes again when asked for.
            if let Some(target) = asked.remove(&(key.clone(), partition.partition)) {
                partitions.push((target, partition));
            }
        }
    }
    let throttle_ms = u32::try_from(response.throttle_time_ms).unwrap_or(0);
    Answer { partitions, throttle_ms, error: response.error_code }
}

/// An answer names a topic by its id or by its name, never by both.
fn answer_key(topic: &TopicKey, by_id: bool) -> TopicKey {
    if by_id { (String::new(), topic.1) } else { (topic.0.clone(), [0; 16]) }
}
