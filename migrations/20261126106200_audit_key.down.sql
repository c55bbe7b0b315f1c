drop table audit_key;
