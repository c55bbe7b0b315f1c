drop trigger audit_keeps_rows on audit_key;
create trigger audit_keeps_rows before update or delete on audit_key for each row execute function audit_keeps();
drop function audit_keeps_key();
