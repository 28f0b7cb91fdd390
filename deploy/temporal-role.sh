#!/bin/sh
# Run once by the image of PostgreSQL when its data folder is new: Temporal's own login, which may
# make its two databases and may touch nothing in ours.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
SQL
