-- The one change that the audit log lets through: the hash of a key that an approved erasure under way takes out. Only
-- whole rows of audit_key go; entries stay as they are.
create function audit_keeps_key() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and exists (
        select from erasure_key k join erasure e on e.id = k.erasure_id
        where k.key_hash = old.key_hash and e.state = 'running' and e.decided_at is not null
    ) then
        return old;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;
drop trigger audit_keeps_rows on audit_key;
create trigger audit_keeps_rows before update or delete on audit_key for each row execute function audit_keeps_key();
