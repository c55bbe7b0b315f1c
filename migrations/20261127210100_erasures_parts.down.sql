drop table erasure_bucket, erasure_key, erased_event, erasure_count;
