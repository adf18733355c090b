#include "store/sqlite/migrations.h"

#include <fmt/format.h>

#include <array>

namespace sluice::store::sqlite {

namespace {

struct Migration {
  std::int64_t number;
  const char* sql;
  const char* done = nullptr;  // a number that is not 0 where the step was taken: for those that cannot be taken twice
};

constexpr const char* kHasRecords = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'record'";

// A step that was released is never changed; what comes later is a step of its own.
constexpr std::array<Migration, 9> kMigrations{{
    {1, R"(
CREATE TABLE IF NOT EXISTS exchange (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, arrived_us INTEGER NOT NULL, duration_us INTEGER NOT NULL, upstream_us INTEGER NOT NULL,
  ttft_us INTEGER, operation TEXT NOT NULL, dialect TEXT NOT NULL, client_request_id TEXT NOT NULL,
  key TEXT NOT NULL, team TEXT NOT NULL, user TEXT NOT NULL, tags TEXT NOT NULL,
  route TEXT NOT NULL, model_asked TEXT NOT NULL, deployment TEXT NOT NULL, provider TEXT NOT NULL,
  model_routed TEXT NOT NULL, model_served TEXT NOT NULL, status INTEGER NOT NULL, fault TEXT NOT NULL,
  error TEXT NOT NULL, finish_reason TEXT NOT NULL, stream INTEGER NOT NULL, client_left INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS exchange_by_time ON exchange (arrived_us, id);
CREATE INDEX IF NOT EXISTS exchange_by_key ON exchange (key, arrived_us, id) WHERE key <> '';
CREATE INDEX IF NOT EXISTS exchange_by_team ON exchange (team, arrived_us, id) WHERE team <> '';
CREATE INDEX IF NOT EXISTS exchange_by_user ON exchange (user, arrived_us, id) WHERE user <> '';
CREATE INDEX IF NOT EXISTS exchange_failed ON exchange (arrived_us, id) WHERE fault <> '';
CREATE TABLE IF NOT EXISTS attempt (
  exchange INTEGER NOT NULL, number INTEGER NOT NULL, began_us INTEGER NOT NULL, duration_us INTEGER NOT NULL,
  deployment TEXT NOT NULL, provider TEXT NOT NULL, model_routed TEXT NOT NULL, model_served TEXT NOT NULL,
  status INTEGER NOT NULL, fault TEXT NOT NULL, error TEXT NOT NULL, provider_request_id TEXT NOT NULL,
  finish_reason TEXT NOT NULL, delivered INTEGER NOT NULL, cost_nanos INTEGER, price_version TEXT NOT NULL,
  usage_source TEXT NOT NULL, input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL, audio_input_tokens INTEGER NOT NULL, audio_output_tokens INTEGER NOT NULL,
  image_input_tokens INTEGER NOT NULL, image_output_tokens INTEGER NOT NULL, tool_input_tokens INTEGER NOT NULL,
  tool_requests INTEGER NOT NULL, audio_cache_read_tokens INTEGER NOT NULL, billed_input_tokens INTEGER,
  billed_output_tokens INTEGER, billed_searches INTEGER, why TEXT NOT NULL, service_tier TEXT NOT NULL,
  speed TEXT NOT NULL, geo TEXT NOT NULL, catalogue TEXT NOT NULL, queued_us INTEGER NOT NULL, failure TEXT NOT NULL,
  PRIMARY KEY (exchange, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sum (
  dimension TEXT NOT NULL, level INTEGER NOT NULL, span INTEGER NOT NULL, value TEXT NOT NULL,
  exchanges INTEGER NOT NULL, failed INTEGER NOT NULL, client_left INTEGER NOT NULL,
  attempts INTEGER NOT NULL, failed_attempts INTEGER NOT NULL, retries INTEGER NOT NULL,
  hedges_lost INTEGER NOT NULL, aborted INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL, cost_unknown INTEGER NOT NULL, estimated_nanos INTEGER NOT NULL,
  failed_nanos INTEGER NOT NULL, retries_nanos INTEGER NOT NULL, hedges_lost_nanos INTEGER NOT NULL,
  aborted_nanos INTEGER NOT NULL, duration_us INTEGER NOT NULL,
  PRIMARY KEY (dimension, level, span, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS correction (
  number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, exchange_id TEXT NOT NULL, attempt INTEGER NOT NULL,
  cost_nanos_before INTEGER, price_version_before TEXT NOT NULL, cost_nanos INTEGER, price_version TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS retention (
  one INTEGER PRIMARY KEY CHECK (one = 1), kept_from_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS journal_position (
  one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL, offset INTEGER NOT NULL, sequence INTEGER NOT NULL
);
)",
     kHasRecords},
    {2, R"(
CREATE TABLE IF NOT EXISTS api_key (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, prefix TEXT NOT NULL,
  team TEXT NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL, priority TEXT NOT NULL, models TEXT NOT NULL,
  operations TEXT NOT NULL, networks TEXT NOT NULL, tags TEXT NOT NULL, limits TEXT NOT NULL, budget TEXT NOT NULL,
  metadata TEXT NOT NULL, created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, blocked INTEGER NOT NULL,
  old_hash TEXT NOT NULL, old_until_us INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS api_key_by_team ON api_key (team, name) WHERE team <> '';
CREATE INDEX IF NOT EXISTS api_key_by_user ON api_key (user, name) WHERE user <> '';
CREATE TABLE IF NOT EXISTS team (
  name TEXT NOT NULL PRIMARY KEY, models TEXT NOT NULL, aliases TEXT NOT NULL, tags TEXT NOT NULL,
  limits TEXT NOT NULL, budget TEXT NOT NULL, metadata TEXT NOT NULL, weight INTEGER NOT NULL,
  created_us INTEGER NOT NULL, blocked INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS user_account (
  name TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, role TEXT NOT NULL, teams TEXT NOT NULL,
  limits TEXT NOT NULL, budget TEXT NOT NULL, metadata TEXT NOT NULL, created_us INTEGER NOT NULL,
  blocked INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, hash TEXT NOT NULL, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mark (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)"},
    // The ids within the indexes cost more than they gave.
    {3, R"(
ALTER TABLE attempt ADD COLUMN held_nanos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sum ADD COLUMN held_nanos INTEGER NOT NULL DEFAULT 0;
DROP INDEX exchange_by_time;
DROP INDEX exchange_by_key;
DROP INDEX exchange_by_team;
DROP INDEX exchange_by_user;
DROP INDEX exchange_failed;
CREATE INDEX exchange_by_time ON exchange (arrived_us);
CREATE INDEX exchange_by_key ON exchange (key, arrived_us) WHERE key <> '';
CREATE INDEX exchange_by_team ON exchange (team, arrived_us) WHERE team <> '';
CREATE INDEX exchange_by_user ON exchange (user, arrived_us) WHERE user <> '';
CREATE INDEX exchange_failed ON exchange (arrived_us) WHERE fault <> '';
)",
     "SELECT COUNT(*) FROM pragma_table_info('sum') WHERE name = 'held_nanos'"},
    {4, R"(
CREATE TABLE IF NOT EXISTS secret (
  name TEXT NOT NULL PRIMARY KEY, sealed TEXT NOT NULL, created_us INTEGER NOT NULL, changed_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS organisation (
  one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, limits TEXT NOT NULL, budget TEXT NOT NULL,
  metadata TEXT NOT NULL, changed_us INTEGER NOT NULL
);
)"},
    // All levels were kept with the rows until now: what has begun is kept so to its end.
    {5, R"(
CREATE TABLE IF NOT EXISTS sum_level (level INTEGER PRIMARY KEY, until_span INTEGER NOT NULL);
INSERT OR IGNORE INTO sum_level (level, until_span)
  SELECT level, MAX(span) + 1 FROM sum WHERE dimension = 'all' AND level > 0 GROUP BY level;
)"},
    {6, R"(
ALTER TABLE exchange ADD COLUMN kept_id TEXT NOT NULL DEFAULT '';
CREATE INDEX exchange_by_kept_id ON exchange (kept_id) WHERE kept_id <> '';
)",
     "SELECT COUNT(*) FROM pragma_table_info('exchange') WHERE name = 'kept_id'"},
    // One text instead of sixty columns: a row costs SQLite half (stored_row.h).
    {7, R"(
CREATE TABLE record (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, arrived_us INTEGER NOT NULL, key TEXT NOT NULL, team TEXT NOT NULL,
  user TEXT NOT NULL, fault TEXT NOT NULL, kept_id TEXT NOT NULL, fields TEXT NOT NULL
);
INSERT INTO record (number, id, arrived_us, key, team, user, fault, kept_id, fields) SELECT
  number, id, arrived_us, key, team, user, fault, kept_id, json_array(json((
    SELECT json_group_array(json(one)) FROM (SELECT json_array(json_array(0,
      usage_source, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, audio_input_tokens, audio_output_tokens, image_input_tokens, image_output_tokens,
      tool_input_tokens, tool_requests, audio_cache_read_tokens, billed_input_tokens, billed_output_tokens,
      billed_searches),
      began_us, duration_us, deployment, provider, model_routed, model_served, status, fault, error,
      provider_request_id, finish_reason, delivered, cost_nanos, price_version, why, service_tier, speed, geo,
      catalogue, queued_us, failure, held_nanos) AS one
      FROM attempt WHERE attempt.exchange = exchange.number ORDER BY attempt.number))),
    0, 0, duration_us, upstream_us, ttft_us, operation, dialect, client_request_id, 0, 0, 0,
    CASE WHEN json_valid(tags) THEN json(tags) ELSE json('{}') END, route, model_asked, deployment, provider, model_routed, model_served, status, 0, error, finish_reason, stream,
    client_left, 0)
  FROM exchange ORDER BY number;
DROP TABLE attempt;
DROP TABLE exchange;
CREATE INDEX record_by_time ON record (arrived_us);
CREATE INDEX record_by_key ON record (key, arrived_us) WHERE key <> '';
CREATE INDEX record_by_team ON record (team, arrived_us) WHERE team <> '';
CREATE INDEX record_by_user ON record (user, arrived_us) WHERE user <> '';
CREATE INDEX record_failed ON record (arrived_us) WHERE fault <> '';
CREATE INDEX record_by_kept_id ON record (kept_id) WHERE kept_id <> '';
CREATE VIEW exchange AS SELECT
  number, id, arrived_us, fields ->> '$[3]' AS duration_us, fields ->> '$[4]' AS upstream_us,
  fields ->> '$[5]' AS ttft_us, fields ->> '$[6]' AS operation, fields ->> '$[7]' AS dialect,
  fields ->> '$[8]' AS client_request_id, key, team, user, fields ->> '$[12]' AS tags, fields ->> '$[13]' AS route,
  fields ->> '$[14]' AS model_asked, fields ->> '$[15]' AS deployment, fields ->> '$[16]' AS provider,
  fields ->> '$[17]' AS model_routed, fields ->> '$[18]' AS model_served, fields ->> '$[19]' AS status, fault,
  fields ->> '$[21]' AS error, fields ->> '$[22]' AS finish_reason, fields ->> '$[23]' AS stream,
  fields ->> '$[24]' AS client_left, kept_id
  FROM record;
CREATE VIEW attempt AS SELECT
  record.number AS exchange, one.key AS number, one.value ->> '$[1]' AS began_us, one.value ->> '$[2]' AS duration_us,
  one.value ->> '$[3]' AS deployment, one.value ->> '$[4]' AS provider, one.value ->> '$[5]' AS model_routed,
  one.value ->> '$[6]' AS model_served, one.value ->> '$[7]' AS status, one.value ->> '$[8]' AS fault,
  one.value ->> '$[9]' AS error, one.value ->> '$[10]' AS provider_request_id, one.value ->> '$[11]' AS finish_reason,
  one.value ->> '$[12]' AS delivered, one.value ->> '$[13]' AS cost_nanos, one.value ->> '$[14]' AS price_version,
  one.value ->> '$[15]' AS why, one.value ->> '$[16]' AS service_tier, one.value ->> '$[17]' AS speed,
  one.value ->> '$[18]' AS geo, one.value ->> '$[19]' AS catalogue, one.value ->> '$[20]' AS queued_us,
  one.value ->> '$[21]' AS failure, one.value ->> '$[22]' AS held_nanos, one.value ->> '$[0][1]' AS usage_source,
  one.value ->> '$[0][2]' AS input_tokens, one.value ->> '$[0][3]' AS cache_read_tokens,
  one.value ->> '$[0][4]' AS cache_write_tokens, one.value ->> '$[0][5]' AS cache_write_1h_tokens,
  one.value ->> '$[0][6]' AS output_tokens, one.value ->> '$[0][7]' AS reasoning_tokens,
  one.value ->> '$[0][8]' AS audio_input_tokens, one.value ->> '$[0][9]' AS audio_output_tokens,
  one.value ->> '$[0][10]' AS image_input_tokens, one.value ->> '$[0][11]' AS image_output_tokens,
  one.value ->> '$[0][12]' AS tool_input_tokens, one.value ->> '$[0][13]' AS tool_requests,
  one.value ->> '$[0][14]' AS audio_cache_read_tokens, one.value ->> '$[0][15]' AS billed_input_tokens,
  one.value ->> '$[0][16]' AS billed_output_tokens, one.value ->> '$[0][17]' AS billed_searches
  FROM record, json_each(record.fields, '$[0]') AS one;
)",
     kHasRecords},
    // What was counted since.
    {8, R"(
DROP VIEW IF EXISTS attempt;
CREATE VIEW attempt AS SELECT
  record.number AS exchange, one.key AS number, one.value ->> '$[1]' AS began_us, one.value ->> '$[2]' AS duration_us,
  one.value ->> '$[3]' AS deployment, one.value ->> '$[4]' AS provider, one.value ->> '$[5]' AS model_routed,
  one.value ->> '$[6]' AS model_served, one.value ->> '$[7]' AS status, one.value ->> '$[8]' AS fault,
  one.value ->> '$[9]' AS error, one.value ->> '$[10]' AS provider_request_id, one.value ->> '$[11]' AS finish_reason,
  one.value ->> '$[12]' AS delivered, one.value ->> '$[13]' AS cost_nanos, one.value ->> '$[14]' AS price_version,
  one.value ->> '$[15]' AS why, one.value ->> '$[16]' AS service_tier, one.value ->> '$[17]' AS speed,
  one.value ->> '$[18]' AS geo, one.value ->> '$[19]' AS catalogue, one.value ->> '$[20]' AS queued_us,
  one.value ->> '$[21]' AS failure, one.value ->> '$[22]' AS held_nanos, one.value ->> '$[0][1]' AS usage_source,
  one.value ->> '$[0][2]' AS input_tokens, one.value ->> '$[0][3]' AS cache_read_tokens,
  one.value ->> '$[0][4]' AS cache_write_tokens, one.value ->> '$[0][5]' AS cache_write_1h_tokens,
  one.value ->> '$[0][6]' AS output_tokens, one.value ->> '$[0][7]' AS reasoning_tokens,
  one.value ->> '$[0][8]' AS audio_input_tokens, one.value ->> '$[0][9]' AS audio_output_tokens,
  one.value ->> '$[0][10]' AS image_input_tokens, one.value ->> '$[0][11]' AS image_output_tokens,
  one.value ->> '$[0][12]' AS tool_input_tokens, one.value ->> '$[0][13]' AS tool_requests,
  one.value ->> '$[0][14]' AS audio_cache_read_tokens, one.value ->> '$[0][15]' AS billed_input_tokens,
  one.value ->> '$[0][16]' AS billed_output_tokens, one.value ->> '$[0][17]' AS billed_searches,
  one.value ->> '$[0][18]' AS file_searches, one.value ->> '$[0][19]' AS tool_calls,
  one.value ->> '$[0][20]' AS billed_request_nanos, one.value ->> '$[0][21]' AS search_size
  FROM record, json_each(record.fields, '$[0]') AS one;
)"},
    // One order instead of six: what a row costs is mostly the places that are kept in order (seen.h). The views go on
    // with the table of the same name. Nothing is sorted, which would take memory for each row.
    {9, R"(
PRAGMA legacy_alter_table = ON;
ALTER TABLE record RENAME TO old_record;
PRAGMA legacy_alter_table = OFF;
CREATE TABLE record (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, arrived_us INTEGER NOT NULL, key TEXT NOT NULL, team TEXT NOT NULL,
  user TEXT NOT NULL, fault TEXT NOT NULL, kept_id TEXT NOT NULL, stray INTEGER NOT NULL, fields TEXT NOT NULL
);
DROP INDEX record_by_time;
DROP INDEX record_by_kept_id;
CREATE UNIQUE INDEX record_by_time ON record (arrived_us, id);
CREATE INDEX record_by_kept_id ON record (kept_id) WHERE kept_id <> '';
CREATE INDEX record_stray ON record (id) WHERE stray;
INSERT INTO record (number, id, arrived_us, key, team, user, fault, kept_id, stray, fields) SELECT
  number, id, arrived_us, key, team, user, fault, kept_id,
  substr(id, 1, 18) <> printf('req_%014x', arrived_us), fields FROM old_record ORDER BY number;
DROP TABLE old_record;
CREATE TABLE seen (
  dimension TEXT NOT NULL, value TEXT NOT NULL, second INTEGER NOT NULL, PRIMARY KEY (dimension, value, second)
) WITHOUT ROWID;
INSERT OR IGNORE INTO seen SELECT 'fault', fault, arrived_us / 1000000 FROM record WHERE fault <> '';
INSERT OR IGNORE INTO seen SELECT 'key', key, arrived_us / 1000000 FROM record WHERE key <> '';
INSERT OR IGNORE INTO seen SELECT 'team', team, arrived_us / 1000000 FROM record WHERE team <> '';
INSERT OR IGNORE INTO seen SELECT 'user', user, arrived_us / 1000000 FROM record WHERE user <> '';
)",
     "SELECT COUNT(*) FROM sqlite_master WHERE name = 'seen'"},
}};

Result<std::int64_t> number_of(Database& database, const char* query) {
  auto statement = Statement::prepare(database, query);
  if (!statement) return fail_from(statement);
  std::int64_t number = 0;
  auto status = (*statement)->run({}, [&](const Row& row) { number = row.number(0); });
  if (!status) return fail_from(status);
  return number;
}

Result<std::int64_t> version_of(Database& database) {
  return number_of(database, "PRAGMA user_version");
}

Status take(Database& database, const Migration& step) {
  if (step.done) {
    auto done = number_of(database, step.done);
    if (!done) return fail_from(done);
    if (*done != 0) return {};
  }
  return database.run(step.sql);
}

// Inside a transaction, so that of several processes one does it.
Status take_steps(Database& database, std::int64_t last) {
  auto version = version_of(database);
  if (!version) return fail_from(version);
  if (*version > kMigrations.back().number) {
    return fail(FaultKind::kInvalidConfig,
                fmt::format("The ledger's database has version {} and was made by a newer Sluice; this one knows {}.",
                            *version, kMigrations.back().number));
  }
  for (const auto& migration : kMigrations) {
    if (migration.number <= *version || migration.number > last) continue;
    if (auto done = take(database, migration); !done) return done;
    if (auto done = database.run(fmt::format("PRAGMA user_version = {}", migration.number).c_str()); !done) return done;
  }
  return {};
}

}  // namespace

Status migrate(Database& database, std::int64_t last) {
  auto version = version_of(database);
  if (version && *version == kMigrations.back().number) return {};
  // What a step may have to take back is as large as the table it drops: in memory it would be too much.
  if (auto set = database.run("PRAGMA temp_store = FILE"); !set) return set;
  auto taken = database.run("BEGIN IMMEDIATE");
  if (taken) taken = database.end(take_steps(database, last));
  auto unset = database.run("PRAGMA temp_store = MEMORY");
  return taken ? std::move(unset) : std::move(taken);
}

}  // namespace sluice::store::sqlite
