drop table failure_mark;
drop table key_mark;
