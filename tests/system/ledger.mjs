// A gateway's data directory as others see it: its database, read and locked by another program.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { within } from './processes.mjs';

// Node has no SQLite in all of its versions; Python does.
const ask = `
import json, sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=5)
db.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in db.execute(sys.argv[2], json.loads(sys.argv[3]))]))
`;
export function query(data, sql, ...values) {
  const out = execFileSync('python3', ['-c', ask, join(data, 'sluice.db'), sql, JSON.stringify(values)], { maxBuffer: 1 << 30 });
  return JSON.parse(out).map((row) => ('tags' in row ? { ...row, tags: JSON.parse(row.tags) } : row));
}

// Does to the database what somebody with SQL could.
export function change(data, sql) {
  execFileSync('python3', ['-c', "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], timeout=5)\ndb.executescript(sys.argv[2])\ndb.close()", join(data, 'sluice.db'), sql]);
}

// The exchange of a request with its attempts; undefined: there is none.
export function exchange(data, id) {
  const [row] = query(data, 'SELECT * FROM exchange WHERE id = ?', id);
  return row && { ...row, attempts: query(data, 'SELECT * FROM attempt WHERE exchange = ? ORDER BY number', row.number) };
}

// Holds the database's lock, so that nobody else writes, until release() is called.
export async function lock(data) {
  const program = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
sys.stdin.read()
db.execute('ROLLBACK')
`;
  const holder = spawn('python3', ['-c', program, join(data, 'sluice.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  await within('the lock', new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve);
    holder.once('exit', () => reject(new Error('nothing was locked')));
  }));
  return {
    release: async () => {
      holder.stdin.end();
      await new Promise((resolve) => { holder.once('exit', resolve); });
      assert.equal(holder.exitCode, 0);
    },
  };
}
