-- One entry and the hashes of its keys.
with entry as (
    insert into audit_entry (
        at, person_id, login, via, token_id, remote, request_id, use_case, outcome, reason,
        object_kind, object_id, object_name, source_id, channel_id, shape, before, after, count, keys)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16::text::jsonb, $17::text::jsonb, $18::text::jsonb, $19, $20)
    returning id, at
), seen as (
    insert into audit_key (at, key_hash, entry_id)
    select entry.at, hash, entry.id from entry, unnest($21::bigint[]) as hash
)
select id as "id!" from entry
