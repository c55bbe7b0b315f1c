-- Some blocks of one bucket; of large ones only the beginning, which needs no more to be read from disk.
select b.partition_id, b.first_position,
       case when octet_length(b.body) > $4::integer then substring(b.body from 1 for $4) else b.body end as "body!"
from unnest($2::bigint[], $3::bigint[]) as w(partition_id, first_position)
join block b on b.bucket = $1 and b.partition_id = w.partition_id and b.first_position = w.first_position
