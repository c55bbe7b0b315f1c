-- Blocks of some buckets and partitions whose words are in no segment yet.
select partition_id, first_position
from block
where bucket = any($1) and partition_id = any($2) and words_in is null
limit $3
