drop table source_beside;
