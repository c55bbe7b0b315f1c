drop table source;
