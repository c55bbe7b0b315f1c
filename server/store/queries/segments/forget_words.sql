-- The same of words.
with hit as (
    select distinct s.bucket, s.words_in as segment
    from unnest($1::bigint[], $2::bigint[]) as w(partition_id, first_position)
    join block s on s.partition_id = w.partition_id and s.first_position = w.first_position
    where s.words_in is not null
), gone as (
    delete from word_segment k using hit h where k.bucket = h.bucket and k.segment = h.segment
)
update block s set words_in = null from hit h where s.bucket = h.bucket and s.words_in = h.segment
