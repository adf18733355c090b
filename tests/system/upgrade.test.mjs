// A database that an older Sluice made: the next one takes it over while it serves, keeps every row, and does it once. What it cannot use it says.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { change, lock, query } from './ledger.mjs';
import { appKey, Connection, chat, masterKey, providerKey, run, sleep, startGateway, startSim, tempDir, test, waitFor } from './lib.mjs';

const rows = Number(process.env.ROWS ?? 4_000);    // of the older one's log

// The places of a record that version 7 had names for.
const tried = ['began_us', 'duration_us', 'deployment', 'provider', 'model_routed', 'model_served', 'status', 'fault', 'error', 'provider_request_id', 'finish_reason', 'delivered',
  'cost_nanos', 'price_version', 'why', 'service_tier', 'speed', 'geo', 'catalogue', 'queued_us', 'failure', 'held_nanos'];
const used = ['usage_source', 'input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cache_write_1h_tokens', 'output_tokens', 'reasoning_tokens', 'audio_input_tokens', 'audio_output_tokens',
  'image_input_tokens', 'image_output_tokens', 'tool_input_tokens', 'tool_requests', 'audio_cache_read_tokens', 'billed_input_tokens', 'billed_output_tokens', 'billed_searches'];

// From each version to the one before it: what its step made is taken away again.
const backTo = {
  8: `CREATE TABLE old_record AS SELECT number, id, arrived_us, key, team, user, fault, kept_id, fields FROM record; DROP TABLE record; DROP TABLE seen;
    CREATE TABLE record (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, arrived_us INTEGER NOT NULL, key TEXT NOT NULL, team TEXT NOT NULL, user TEXT NOT NULL, fault TEXT NOT NULL, kept_id TEXT NOT NULL,
      fields TEXT NOT NULL); INSERT INTO record SELECT * FROM old_record; DROP TABLE old_record; CREATE INDEX record_by_time ON record (arrived_us);
    ${['key', 'team', 'user'].map((by) => `CREATE INDEX record_by_${by} ON record (${by}, arrived_us) WHERE ${by} <> '';`).join('')}
    CREATE INDEX record_failed ON record (arrived_us) WHERE fault <> ''; CREATE INDEX record_by_kept_id ON record (kept_id) WHERE kept_id <> ''; PRAGMA user_version = 8;`,
  7: `DROP VIEW attempt; CREATE VIEW attempt AS SELECT record.number AS exchange, one.key AS number, ${tried.map((name, i) => `one.value ->> '$[${i + 1}]' AS ${name}`)},
    ${used.map((name, i) => `one.value ->> '$[0][${i + 1}]' AS ${name}`)} FROM record, json_each(record.fields, '$[0]') AS one; PRAGMA user_version = 7;`,
  6: `CREATE TABLE old_exchange AS SELECT * FROM exchange; CREATE TABLE old_attempt AS SELECT * FROM attempt;
    DROP VIEW exchange; DROP VIEW attempt; DROP TABLE record;
    ALTER TABLE old_exchange RENAME TO exchange; ALTER TABLE old_attempt RENAME TO attempt; CREATE UNIQUE INDEX attempt_key ON attempt (exchange, number);
    ${['key', 'team', 'user'].map((by) => `CREATE INDEX exchange_by_${by} ON exchange (${by}, arrived_us) WHERE ${by} <> '';`).join('')}
    CREATE INDEX exchange_by_time ON exchange (arrived_us); CREATE INDEX exchange_failed ON exchange (arrived_us) WHERE fault <> '';
    CREATE INDEX exchange_by_kept_id ON exchange (kept_id) WHERE kept_id <> ''; PRAGMA user_version = 6;`,
  5: 'DROP INDEX exchange_by_kept_id; ALTER TABLE exchange DROP COLUMN kept_id; PRAGMA user_version = 5;',
  4: 'DROP TABLE sum_level; PRAGMA user_version = 4;',
  3: 'DROP TABLE secret; DROP TABLE organisation; PRAGMA user_version = 3;',
  2: `ALTER TABLE attempt DROP COLUMN held_nanos; ALTER TABLE sum DROP COLUMN held_nanos;
    ${['time', 'key', 'team', 'user'].map((by) => `DROP INDEX exchange_by_${by};`).join('')} DROP INDEX exchange_failed;
    CREATE INDEX exchange_by_time ON exchange (arrived_us, id); CREATE INDEX exchange_failed ON exchange (arrived_us, id) WHERE fault <> '';
    ${['key', 'team', 'user'].map((by) => `CREATE INDEX exchange_by_${by} ON exchange (${by}, arrived_us, id) WHERE ${by} <> '';`).join('')} PRAGMA user_version = 2;`,
  1: `${['api_key', 'team', 'user_account', 'audit', 'mark'].map((table) => `DROP TABLE ${table};`).join('')} PRAGMA user_version = 1;`,
};
// As many copies of the one row there is.
function grow(data) {
  change(data, `WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < ${999 + rows})
    INSERT INTO record (number, id, arrived_us, key, team, user, fault, kept_id, stray, fields) SELECT n.i, record.id || '-' || n.i, arrived_us, key, team, user, fault, kept_id, 0, fields FROM record, n WHERE record.number = (SELECT MIN(number) FROM record);`);
}

let sim;
const config = () => ({
  master_key: masterKey, log: { level: 'warn' },
  providers: { openai: { base_url: `${sim.url}/v1`, api_key: providerKey } },
  models: { fast: { deployments: ['openai/gpt-4o-mini'], retries: 0 } },
  keys: [{ name: 'web', key: appKey, budget: { usd: '1000' } }],
});
before(async () => { sim = await startSim('sim'); });

const version = (data) => query(data, 'PRAGMA user_version')[0].user_version;
const shape = (data) => [query(data, 'PRAGMA schema_version')[0].schema_version, query(data, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")];
const count = (data, table = 'exchange') => query(data, `SELECT COUNT(*) AS count FROM ${table}`)[0].count;

async function made(data) {
  const gateway = await startGateway(config(), { data });
  assert.equal((await gateway.chat('fast')).status, 200);
  await waitFor('the row', () => count(data) === 1);
  await gateway.stop();
}
// Requests one after the other on some connections until stop(); each has to be served.
function traffic(gateway) {
  const statuses = [];
  let stopped = false;
  const client = async () => {
    const connection = await Connection.open(gateway);
    while (!stopped) {
      connection.request({ method: 'POST', path: '/v1/chat/completions', body: JSON.stringify(chat('fast', { max_tokens: 5 })), headers: { authorization: `Bearer ${appKey}`, 'content-type': 'application/json' } });
      statuses.push((await connection.head()).status);
      await connection.whole();
    }
    connection.destroy();
  };
  const all = Promise.all([client(), client(), client(), client()]);
  return { statuses, stop: async () => { stopped = true; await all; } };
}

const newest = 1 + Math.max(...Object.keys(backTo));
describe('G6: an upgrade keeps every row and fails no request', () => {
  for (let from = newest - 1; from > 0; --from) {
    test(`from ${newest - from} version${from === newest - 1 ? '' : 's'} before, with ${rows} rows`, { timeout: 180_000 }, async () => {
      const data = join(tempDir(), 'data');
      await made(data);
      assert.equal(version(data), newest, 'this test knows the newest version');
      grow(data);
      for (let to = newest - 1; to >= from; --to) change(data, backTo[to]);
      assert.equal(version(data), from);
      const cost = query(data, 'SELECT SUM(cost_nanos) AS cost FROM attempt')[0].cost;

      const gateway = await startGateway(config(), { data });
      const running = traffic(gateway);
      await waitFor('some answers', () => running.statuses.length > 50, 60_000);
      await running.stop();
      assert.deepEqual([...new Set(running.statuses)], [200]);
      assert.equal(version(data), newest);
      await waitFor('their rows', () => count(data) === rows + 1 + running.statuses.length, 60_000);
      assert.ok(query(data, 'SELECT SUM(cost_nanos) AS cost FROM attempt')[0].cost > cost);
      assert.equal(await gateway.metric('sluice_ledger_failures_total', { of: 'store' }), 0);
      const found = await gateway.call({ path: '/admin/v1/exchanges?limit=5', key: masterKey });
      assert.equal(found.json.exchanges.length, 5, found.text);
      await gateway.stop();

      // The second start has nothing to do.
      const before = shape(data);
      const again = await startGateway(config(), { data });
      assert.equal((await again.chat('fast')).status, 200);
      await again.stop();
      assert.deepEqual(shape(data), before);
    });
  }

  test('a step that cannot be taken now is taken when it can, or the start says why', { timeout: 120_000 }, async () => {
    const data = join(tempDir(), 'data');
    await made(data);
    change(data, backTo[newest - 1]);
    const held = await lock(data);
    const starting = startGateway(config(), { data }).then((gateway) => ({ gateway }), (error) => ({ error }));
    await sleep(1000);
    await held.release();
    const { gateway, error } = await starting;
    assert.ok(gateway, error?.message);
    assert.equal((await gateway.chat('fast')).status, 200);
    await waitFor('the upgrade', () => version(data) === newest, 20_000);
    await waitFor('the row', () => count(data) === 2, 20_000);
  });
});

describe('G6: what cannot be used is not served from', () => {
  const refused = async (data, said) => {
    const file = join(tempDir(), 'sluice.yaml');
    writeFileSync(file, JSON.stringify(config()));
    const { code, stderr } = await run(['serve', '--config', file, '--listen', '127.0.0.1:0', '--data', data]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, said);
  };
  test('a database of a newer Sluice, which is left as it is', async () => {
    const data = join(tempDir(), 'data');
    await made(data);
    change(data, 'PRAGMA user_version = 99;');
    const before = shape(data);
    await refused(data, new RegExp(`version 99 and was made by a newer Sluice; this one knows ${newest}`));
    assert.deepEqual(shape(data), before);
  });
  test('a file that is none', async () => {
    const data = join(tempDir(), 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'sluice.db'), 'no database '.repeat(1000));
    await refused(data, /sluice\.db|database/);
  });
  test('one that lacks a column, whatever its version says', async () => {
    const data = join(tempDir(), 'data');
    await made(data);
    change(data, 'ALTER TABLE sum DROP COLUMN held_nanos;');
    await refused(data, /held_nanos/);
  });
});
