drop table lag_source;
drop table lag_channel;
drop table lag_happened;
drop table lag_rolled;
drop table lag_observed;
drop table group_channel;
drop table consumer_group;
