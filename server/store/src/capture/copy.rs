//! Rows for COPY … (FORMAT binary) (PostgreSQL manual, COPY, "Binary Format").

use crate::timestamp::Ts;
use weir_domain::Timestamp;

/// A whole COPY stream in memory: as large as the rows of one batch.
pub(super) struct Rows {
    bytes: Vec<u8>,
    pub(super) rows: u64,
}

impl Rows {
    pub(super) fn new(capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity + 32);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, rows: 0 }
    }

    /// Begins a row; exactly `fields` fields must follow.
    pub(super) fn row(&mut self, fields: i16) {
        self.rows += 1;
        self.bytes.extend_from_slice(&fields.to_be_bytes());
    }
    pub(super) fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }
    pub(super) fn i64(&mut self, n: i64) {
        self.bytes.extend_from_slice(&8_i32.to_be_bytes());
        self.bytes.extend_from_slice(&n.to_be_bytes());
    }
    pub(super) fn i32(&mut self, n: i32) {
        self.bytes.extend_from_slice(&4_i32.to_be_bytes());
        self.bytes.extend_from_slice(&n.to_be_bytes());
    }
    pub(super) fn time(&mut self, at: Timestamp) {
        self.i64(Ts(at).wire());
    }
    pub(super) fn maybe_i32(&mut self, n: Option<i32>) {
        match n {
            Some(n) => self.i32(n),
            None => self.null(),
        }
    }
    /// A `bytea` written in place by `write`.
    pub(super) fn bytes_by<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E>
    where
        E: From<std::io::Error>,
    {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        write(&mut self.bytes)?;
        let n =
            i32::try_from(self.bytes.len() - at - 4).map_err(|_| std::io::Error::other("a value has 2 GB or more"))?;
        self.bytes[at..at + 4].copy_from_slice(&n.to_be_bytes());
        Ok(())
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.bytes
    }
}
