-- places at 1: kept as released, never edited.

CREATE TABLE place_boundaries (
  province_id INTEGER NOT NULL,
  import_id BLOB NOT NULL,
  imported_us INTEGER NOT NULL,
  geojson TEXT NOT NULL,
  PRIMARY KEY (province_id, import_id)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('places', 1, 'boundaries', 0);
