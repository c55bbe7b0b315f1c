drop table lease;
