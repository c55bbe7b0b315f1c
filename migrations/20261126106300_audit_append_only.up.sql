-- Guards against mistakes and injected SQL. Who owns the database can still do as they like: what must be safe from them
-- goes to the standard output and from there out of their reach.
create function audit_keeps() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_keeps_rows before update or delete on audit_entry for each row execute function audit_keeps();
create trigger audit_keeps_rows before update or delete on audit_key for each row execute function audit_keeps();
-- Each month gets its own of these where it is made.
create trigger audit_keeps before truncate on audit_entry for each statement execute function audit_keeps();
create trigger audit_keeps before truncate on audit_key for each statement execute function audit_keeps();
