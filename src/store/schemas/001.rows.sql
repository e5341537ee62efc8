INSERT INTO calls (province_id, number) VALUES (10, 41);
