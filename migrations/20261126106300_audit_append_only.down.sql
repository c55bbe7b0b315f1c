-- With their copies on the months.
drop function audit_keeps() cascade;
