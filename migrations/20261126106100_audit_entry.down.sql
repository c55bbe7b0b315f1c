drop table audit_entry;
drop sequence audit_entry_id cascade;
