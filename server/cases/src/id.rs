use uuid::Builder;
use weir_domain::Timestamp;

/// An id for what people make (UUIDv7), made here where the audit log tells of it before it is there.
pub(crate) fn new(now: Timestamp) -> String {
    let millis = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_7_in_the_order_of_time_and_each_its_own() {
        let (before, after) = (new(Timestamp(1_795_357_928_214_123)), new(Timestamp(1_795_357_928_215_123)));
        assert!(before < after, "{before} {after}");
        assert_eq!(before.len(), 36, "{before}");
        assert_eq!(&before[14..15], "7", "{before}");
        assert_ne!(new(Timestamp(0)), new(Timestamp(0)));
    }
}
