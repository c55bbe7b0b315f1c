-- Numbers of the entries that showed or searched a key, and of those about one event.
select id as "id!" from (
    select entry_id as id from audit_key
    where key_hash = $1
      and ($4::bigint is null or entry_id < $4)
      and ($5::timestamptz is null or at >= $5)
      and ($6::timestamptz is null or at < $6)
    union
    select id from audit_entry
    where object_kind = $2 and object_id = $3
      and ($4::bigint is null or id < $4)
      and ($5::timestamptz is null or at >= $5)
      and ($6::timestamptz is null or at < $6)
) as found
order by 1 desc
limit $7
