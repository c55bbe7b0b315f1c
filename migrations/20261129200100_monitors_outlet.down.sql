drop table outlet_secret; drop table outlet;
