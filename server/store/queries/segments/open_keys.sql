-- Spans of some buckets and partitions whose keys are in no segment yet.
select partition_id, first_position
from event_span
where bucket = any($1) and partition_id = any($2) and keys_in is null
limit $3
