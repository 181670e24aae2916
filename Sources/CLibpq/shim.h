#pragma once
#include <libpq-fe.h>

// Swift does not import character-literal macros, so the error fields are restated as integers.
static const int AMENITY_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int AMENITY_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int AMENITY_DIAG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY;
static const int AMENITY_DIAG_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int AMENITY_DIAG_HINT = PG_DIAG_MESSAGE_HINT;
static const int AMENITY_DIAG_SCHEMA = PG_DIAG_SCHEMA_NAME;
static const int AMENITY_DIAG_TABLE = PG_DIAG_TABLE_NAME;
static const int AMENITY_DIAG_COLUMN = PG_DIAG_COLUMN_NAME;
static const int AMENITY_DIAG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME;
static const int AMENITY_DIAG_ROUTINE = PG_DIAG_SOURCE_FUNCTION;
