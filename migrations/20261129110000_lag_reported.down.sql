drop table lag_reported;
