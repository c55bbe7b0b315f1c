drop table source_made;
alter table source drop column removed_by;
alter table source drop column origin;
