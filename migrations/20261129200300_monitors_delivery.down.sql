drop table delivery_alert; drop table delivery;
