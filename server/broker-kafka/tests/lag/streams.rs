//! A group of Kafka Streams (KIP-1071), joined request by request: there is no client for it here.

use crate::{
    acts::{permits, to},
    cluster::Cluster,
    observing::{commit, group, positions, probe},
};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use krafka::__private::{kafka_metadata, network::BrokerConnection, protocol::ApiKey};
use std::sync::Arc;
use tokio::sync::Mutex;
use weir_broker::{
    LagWanted,
    conformance::{Fixture as _, eventually},
    guard::Act,
    memory::NewRecord,
};
use weir_domain::lag::{GroupKind, GroupState};
use weir_testkit::unique;

const VERSION: i16 = 0;

struct Member {
    connection: Arc<BrokerConnection>,
    group: String,
    id: String,
    epoch: i32,
}

fn put_text(text: &str, buffer: &mut BytesMut) {
    buffer.put_u8(u8::try_from(text.len() + 1).unwrap());
    buffer.put_slice(text.as_bytes());
}

/// Flexible encoding: lists and texts begin with their length and one, 0 is null; everything ends with its tags.
fn heartbeat(member: &Member, sources: &[&str], buffer: &mut BytesMut) {
    put_text(&member.group, buffer);
    put_text(&member.id, buffer);
    buffer.put_i32(member.epoch);
    buffer.put_i32(0);
    // Instance and rack.
    buffer.put_slice(&[0, 0]);
    let joins = member.epoch == 0;
    buffer.put_i32(if joins { 60_000 } else { -1 });
    if joins {
        // The topology, which is there: its epoch, and one part that reads these channels.
        buffer.put_i8(1);
        buffer.put_i32(0);
        buffer.put_u8(2);
        put_text("0", buffer);
        buffer.put_u8(u8::try_from(sources.len() + 1).unwrap());
        sources.iter().for_each(|source| put_text(source, buffer));
        // No patterns, nor channels of its own, nor such that must have as many partitions; tags of the part and of all.
        buffer.put_slice(&[1, 1, 1, 1, 1, 0, 0]);
        // Tasks that it has: active, standing by, warming up.
        buffer.put_slice(&[1, 1, 1]);
        put_text("process-1", buffer);
    } else {
        buffer.put_i8(-1);
        buffer.put_slice(&[0, 0, 0, 0]);
    }
    // Endpoint, which is a structure; tags of the client; positions of tasks and their ends; whether all are to end.
    buffer.put_i8(-1);
    buffer.put_slice(&[0, 0, 0, 0, 0]);
}

impl Member {
    async fn beat(&mut self, sources: &[&str]) -> Result<(), (i16, String)> {
        let sent = self
            .connection
            .send_request(ApiKey::StreamsGroupHeartbeat, VERSION, |buffer| {
                heartbeat(self, sources, buffer);
                Ok(())
            })
            .await;
        // The time to wait, the code, its text, the member's id, its epoch, and more.
        let mut answer: Bytes = sent.unwrap();
        answer.get_i32();
        let code = answer.get_i16();
        let text = |answer: &mut Bytes| {
            let length = usize::from(answer.get_u8());
            String::from_utf8(answer.split_to(length.saturating_sub(1)).to_vec()).unwrap()
        };
        let why = text(&mut answer);
        if code != 0 {
            return Err((code, why));
        }
        self.id = text(&mut answer);
        self.epoch = answer.get_i32();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_of_streams_is_told_and_moved_like_the_others() {
    let cluster = Cluster::shared().await;
    let (orders, users, name) = (cluster.create("orders", 3).await, cluster.create("users", 1).await, unique("totals"));
    cluster.produce(&orders, 1, vec![NewRecord::new("a"), NewRecord::new("b")]).await;
    let connection = {
        let metadata = kafka_metadata(&cluster.kafka);
        let broker = metadata.brokers().remove(0);
        metadata.get_broker_connection(broker.id()).await.unwrap()
    };
    // Makes the channel that the broker keeps groups in.
    commit(&cluster, &unique("first"), &[(&orders, 0, 0)]).await;
    let member = Member { connection, group: name.clone(), id: unique("member"), epoch: 0 };
    let sources = [orders.as_str(), users.as_str()];
    let member = Mutex::new(member);
    eventually("the member is in", || async {
        match member.lock().await.beat(&sources).await {
            Ok(()) => Some(()),
            // Its coordinator is loading, or not there yet.
            Err((14..=16, _)) => None,
            Err(other) => panic!("{other:?}"),
        }
    })
    .await;
    let probe = probe(&cluster);
    let wanted = LagWanted { details: true, ..LagWanted::default() };
    let observed = eventually("the member has its tasks", || async {
        member.lock().await.beat(&sources).await.unwrap();
        let observed = probe.observe(&wanted).await.unwrap();
        let own = group(&observed, &name);
        let holds = own.members.as_ref().is_some_and(|m| m.iter().any(|m| !m.holds.is_empty()));
        (own.state == GroupState::Stable && holds).then_some(observed)
    })
    .await;
    let mut member = member.into_inner();
    let own = group(&observed, &name);
    assert_eq!((own.kind, own.problem.as_deref()), (GroupKind::Streams, None));
    let members = own.members.as_ref().unwrap();
    assert_eq!((members.len(), members[0].id.as_str(), members[0].host.as_str()), (1, member.id.as_str(), "127.0.0.1"));
    // A task reads the partition of its number in each channel that has one.
    assert_eq!(members[0].holds, [(orders.clone(), vec![0, 1, 2]), (users.clone(), vec![0])]);
    assert_eq!(positions(&observed, &name, &orders), [(0, None), (1, None), (2, None)]);
    assert_eq!(positions(&observed, &name, &users), [(0, None)]);

    let allowed = || permits(&cluster, Act::MoveOffsets, &[&orders]);
    let moves = [to(&orders, 1, 1)];
    let moved = probe.move_positions(allowed(), &name, GroupKind::Streams, &moves).await.unwrap();
    assert_eq!(moved[0].problem, Some(format!("{name} has 1 member: stop it first")));
    member.epoch = -1;
    member.beat(&sources).await.unwrap();
    let moved = probe.move_positions(allowed(), &name, GroupKind::Streams, &moves).await.unwrap();
    assert_eq!(moved[0].problem, None);
    let now = probe.group(&name).await.unwrap().unwrap();
    assert_eq!(group(&now, &name).state, GroupState::Empty);
    assert_eq!(positions(&now, &name, &orders), [(1, Some(1))]);
    probe.delete_group(allowed(), &name, GroupKind::Streams).await.unwrap();
    assert_eq!(probe.group(&name).await.unwrap(), None);
}
