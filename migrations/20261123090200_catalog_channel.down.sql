drop table channel;
