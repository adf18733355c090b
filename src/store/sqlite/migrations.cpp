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

// A step that was released is never changed; what comes later is a step of its own.
constexpr std::array<Migration, 6> kMigrations{{
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
)"},
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
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun;
  return database.end(take_steps(database, last));
}

}  // namespace sluice::store::sqlite
