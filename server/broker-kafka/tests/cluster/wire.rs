//! A producer that sends just the bytes it is given.

use bytes::{BufMut, Bytes, BytesMut};
use krafka::{
    __private::{
        kafka_metadata,
        network::BrokerConnection,
        protocol::{
            AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, ApiKey, EndTxnRequest, EndTxnResponse,
            FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, InitProducerIdResponse,
            ProduceResponse, Record, RecordBatch, RecordHeader, VersionedDecode, VersionedEncode,
        },
    },
    Compression, Kafka,
    error::ErrorCode,
};
use std::sync::Arc;
use weir_broker::{conformance::eventually, memory::NewRecord};
use weir_domain::Position;

/// Versions that every supported broker has and that need no flexible encoding or implicit transactions.
const PRODUCE: i16 = 7;
const FIND_COORDINATOR: i16 = 1;
const INIT_PRODUCER_ID: i16 = 1;
const ADD_PARTITIONS: i16 = 1;
const END_TRANSACTION: i16 = 1;

pub struct Producer {
    connection: Arc<BrokerConnection>,
    pub topic: String,
    pub partition: i32,
    pub compression: Compression,
    transaction: Option<Transaction>,
}

struct Transaction {
    id: String,
    producer_id: i64,
    producer_epoch: i16,
}

async fn exchange<R: VersionedDecode>(
    connection: &BrokerConnection,
    api: ApiKey,
    version: i16,
    request: &impl VersionedEncode,
) -> R {
    let sent = connection.send_request(api, version, |buffer| request.encode_versioned(version, buffer));
    R::decode_versioned(version, &mut sent.await.unwrap()).unwrap()
}

/// Tests with transactions have one broker: it is every coordinator.
async fn connection(kafka: &Kafka) -> Arc<BrokerConnection> {
    let broker = kafka_metadata(kafka).brokers().remove(0);
    kafka_metadata(kafka).get_broker_connection(broker.id()).await.unwrap()
}

/// Makes the transaction's bookkeeping exist.
pub async fn init_transactions(kafka: &Kafka, id: &str) {
    let connection = connection(kafka).await;
    producer_id(&connection, id).await;
}

async fn producer_id(connection: &BrokerConnection, id: &str) -> Transaction {
    eventually("a producer id", || async {
        // The first question for a coordinator makes the cluster create the topic it keeps its book in.
        let request = FindCoordinatorRequest::for_transaction(id);
        let found: FindCoordinatorResponse =
            exchange(connection, ApiKey::FindCoordinator, FIND_COORDINATOR, &request).await;
        if !settled(found.error_code) {
            return None;
        }
        let request = InitProducerIdRequest::transactional(id, 600_000);
        let response: InitProducerIdResponse =
            exchange(connection, ApiKey::InitProducerId, INIT_PRODUCER_ID, &request).await;
        settled(response.error_code).then(|| Transaction {
            id: id.to_owned(),
            producer_id: response.producer_id,
            producer_epoch: response.producer_epoch,
        })
    })
    .await
}

/// False while the coordinator is not ready or still ends the transaction before.
fn settled(code: ErrorCode) -> bool {
    assert!(code.is_ok() || code.is_retriable() || code == ErrorCode::ConcurrentTransactions, "{code:?}");
    code.is_ok()
}

impl Producer {
    pub async fn to(kafka: &Kafka, topic: &str, partition: i32) -> Self {
        let metadata = kafka_metadata(kafka);
        let connection = eventually("the partition's leader", || async {
            let Some(leader) = metadata.leader(topic, partition).filter(|id| *id >= 0) else {
                metadata.force_refresh(Some(&[topic])).await.ok()?;
                return None;
            };
            metadata.get_broker_connection(leader).await.ok()
        })
        .await;
        Self { connection, topic: topic.to_owned(), partition, compression: Compression::None, transaction: None }
    }

    pub async fn begin_transaction(&mut self, id: &str) {
        let transaction = producer_id(&self.connection, id).await;
        eventually("the partition in the transaction", || async {
            let (id, epoch) = (transaction.producer_id, transaction.producer_epoch);
            let request =
                AddPartitionsToTxnRequest::new(&transaction.id, id, epoch).add_partition(&self.topic, self.partition);
            let response: AddPartitionsToTxnResponse =
                exchange(&self.connection, ApiKey::AddPartitionsToTxn, ADD_PARTITIONS, &request).await;
            settled(response.results[0].partitions[0].error_code).then_some(())
        })
        .await;
        self.transaction = Some(transaction);
    }

    pub async fn end_transaction(&self, commit: bool) {
        let t = self.transaction.as_ref().unwrap();
        let request = if commit {
            EndTxnRequest::commit(&t.id, t.producer_id, t.producer_epoch)
        } else {
            EndTxnRequest::abort(&t.id, t.producer_id, t.producer_epoch)
        };
        eventually("the end of the transaction", || async {
            let response: EndTxnResponse = exchange(&self.connection, ApiKey::EndTxn, END_TRANSACTION, &request).await;
            settled(response.error_code).then_some(())
        })
        .await;
    }

    /// One batch; returns the position of its first record.
    pub async fn send(&self, records: &[NewRecord]) -> Position {
        let batch = self.batch(records);
        // Metadata can name a leader before the leader knows of it: such a refusal stored nothing.
        let first = eventually("the leader to take the batch", || async {
            let mut answer = self
                .connection
                .send_request(ApiKey::Produce, PRODUCE, |buffer| {
                    self.encode(&batch, buffer);
                    Ok(())
                })
                .await
                .unwrap();
            let response = ProduceResponse::decode_versioned(PRODUCE, &mut answer).unwrap();
            let partition = &response.responses[0].partition_responses[0];
            if matches!(partition.error_code, ErrorCode::NotLeaderForPartition | ErrorCode::UnknownTopicOrPartition) {
                return None;
            }
            assert_eq!(partition.error_code, ErrorCode::None, "{}", self.topic);
            Some(partition.base_offset)
        });
        Position(first.await)
    }

    fn batch(&self, records: &[NewRecord]) -> Bytes {
        let mut batch = RecordBatch::new();
        batch.attributes.compression = self.compression;
        batch.base_timestamp = records[0].timestamp_ms;
        batch.max_timestamp = records.iter().map(|r| r.timestamp_ms).max().unwrap();
        if let Some(transaction) = &self.transaction {
            batch.attributes.is_transactional = true;
            (batch.producer_id, batch.producer_epoch) = (transaction.producer_id, transaction.producer_epoch);
            batch.base_sequence = 0;
        }
        for (delta, record) in (0..).zip(records) {
            let bytes = |b: &Option<Vec<u8>>| b.clone().map(Bytes::from);
            let mut wire = Record::new(bytes(&record.key), bytes(&record.payload))
                .with_timestamp_delta(record.timestamp_ms - batch.base_timestamp)
                .with_offset_delta(delta);
            for (name, value) in &record.headers {
                wire.headers.push(RecordHeader { key: Bytes::from(name.clone()), value: bytes(value) });
            }
            batch.add_record(wire);
            batch.last_offset_delta = delta;
        }
        batch.encode().unwrap()
    }

    fn encode(&self, batch: &Bytes, buffer: &mut BytesMut) {
        let string = |buffer: &mut BytesMut, text: &str| {
            buffer.put_i16(i16::try_from(text.len()).unwrap());
            buffer.put_slice(text.as_bytes());
        };
        match &self.transaction {
            Some(transaction) => string(buffer, &transaction.id),
            None => buffer.put_i16(-1),
        }
        buffer.put_i16(-1); // acks: all
        buffer.put_i32(30_000);
        buffer.put_i32(1);
        string(buffer, &self.topic);
        buffer.put_i32(1);
        buffer.put_i32(self.partition);
        buffer.put_i32(i32::try_from(batch.len()).unwrap());
        buffer.put_slice(batch);
    }
}
