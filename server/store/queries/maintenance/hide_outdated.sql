-- Out of the directory: events in buckets of a longer class than their channel has now, all of them past the new one. Of one
-- channel or of all; but for the buckets that a hold keeps. Word is left of them as of a bucket that is dropped; which were
-- erased stays: their broker may still have them.
with outdated as (
    select d.bucket, d.partition_id, d.first_position, d.last_position, d.min_time, d.max_time,
           c.metadata_class
    from partition_bucket d join bucket b on b.part = 'metadata' and b.id = d.bucket
    join partition p on p.id = d.partition_id join channel c on c.id = p.channel_id
    where d.part = 'metadata' and b.detached_at is null and b.class_days > c.metadata_class
      and b.to_time + c.metadata_class * interval '1 day' <= $1
      and ($2::bigint is null or c.id = $2) and b.id <> all($3::integer[])
), hidden as (
    delete from partition_bucket d using outdated o
    where d.part = 'metadata' and d.bucket = o.bucket and d.partition_id = o.partition_id
), word as (
    insert into bucket_dropped as b
        (partition_id, bucket, class_days, first_position, last_position, min_time, max_time, dropped_at)
    select o.partition_id, o.bucket, o.metadata_class, o.first_position, o.last_position, o.min_time, o.max_time,
           clock_timestamp()
    from outdated o
    on conflict (partition_id, bucket) do update
    set first_position = least(b.first_position, excluded.first_position),
        last_position = greatest(b.last_position, excluded.last_position),
        min_time = least(b.min_time, excluded.min_time),
        max_time = greatest(b.max_time, excluded.max_time)
)
insert into forgotten (bucket, partition_id) select bucket, partition_id from outdated on conflict do nothing
