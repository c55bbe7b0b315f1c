drop table lag_reset;
