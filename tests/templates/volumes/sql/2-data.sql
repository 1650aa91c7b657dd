INSERT INTO lunch VALUES ('soup');
