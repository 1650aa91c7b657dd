CREATE TABLE lunch ();
