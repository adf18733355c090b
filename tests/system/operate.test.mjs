// Running it: commands, reload, drain, health, metrics, log, CORS, TLS, and a provider that dies under load.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Connection, Gateway, appKey, baseConfig, call, calm, chat, errorOf, loadSdks, masterKey, providerKey, run, scripted, sleep, slowed, startGateway, startPair, startSim, streamText, tempDir, test, waitFor, within, writeConfig } from './lib.mjs';

describe('commands', () => {
  const good = 'providers:\n  local: { type: openai, base_url: "http://127.0.0.1:8000/v1" }\n';
  const file = (text) => {
    const path = join(tempDir(), 'sluice.yaml');
    writeFileSync(path, text);
    return path;
  };

  test('check: a good file, the shortest useful one, passes', async () => {
    const { code, stderr } = await run(['check', file(good)]);
    assert.equal(code, 0, stderr);
  });

  test('check: every mistake is told, with file, line, field and the nearest name', async () => {
    const path = file([
      'listen: 127.0.0.1:8080', 'providers:', '  local: { type: openai, base_url: "http://127.0.0.1:8000/v1" }', 'models:', '  fast:', '    deployments: [lokal/x]',
      '    strategi: priority', '    timeout: { connect: 2 sec }', 'limits: { body: lots }', 'keys:', '  - { name: web, key: "${SURELY_NOT_SET}" }', ''].join('\n'));
    const { code, stdout, stderr } = await run(['check', path]);
    const text = stdout + stderr;
    assert.equal(code, 1);
    for (const [line, words] of [[6, ['lokal', 'local']], [7, ['strategi', 'strategy']], [8, ['models.fast.timeout.connect', '2 sec']], [9, ['limits.body', 'lots']], [11, ['SURELY_NOT_SET']]]) {
      const told = text.split('\n').find((one) => one.includes(`${path}:${line}:`));
      assert.ok(told, `nothing about line ${line} in:\n${text}`);
      for (const word of words) assert.ok(told.includes(word), `"${word}" is not in: ${told}`);
    }
  });

  test('check shows no value of a reference, also where it is printed otherwise than it is or cut', async () => {
    const path = file(`${good}keys: [ { name: a, key: abcdefghijk, models: ["\${VALUE}", "x-\${VALUE}"], role: "\${VALUE}" } ]\n`);
    for (const value of ['SEKRET value', 'SEKRET value\n', 'SEKRET\tvalue\u0085', `SEKRET${'-value'.repeat(20)}`, `SEKRET\r${'-value'.repeat(20)}`]) {
      const { code, stdout, stderr } = await run(['check', path], { env: { VALUE: value } });
      assert.equal(code, 1);
      assert.ok(!(stdout + stderr).includes('SEKRET'), stdout + stderr);
      assert.match(stdout + stderr, /\$\{VALUE\}/);
    }
  });

  test('check refuses an address that serve cannot listen on, and tells no more than is wrong', async () => {
    const path = file('listen: foo.example:8080\nproviders:\n  b:\n    type: openai\n    base_url: ftp://x\n');
    for (const args of [['check', path], ['serve', '--config', path, '--data', tempDir()]]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 1);
      const told = stderr.trim().split('\n');
      assert.equal(told.length, 2, stderr);
      assert.ok(told[0].includes(`${path}:1: listen: expected an IP address and a port`), told[0]);
      assert.ok(told[1].includes(`${path}:5: providers.b.base_url: expected a URL`), told[1]);
    }
  });

  test('check: broken YAML, duplicate keys, wrong types, nonsense: told, exit 1, never a crash', async () => {
    for (const text of ['a: [', '\t- x', 'listen: {}', 'models: 7', 'keys: {a: b}', 'providers: [1, 2]', 'listen: a\nlisten: b', '&a [*a]', '---\n---\n', 'listen: 127.0.0.1:99999', 'listen: nope', `${'['.repeat(5000)}`, '\u0000', 'providers:\n  x: { type: nonsense }', 'providers:\n  x: { type: openai, base_url: "ftp://x" }', 'tls: { cert: /nonexistent }']) {
      const { code, stdout, stderr, signal } = await run(['check', file(text)]);
      assert.equal(code, 1, `${JSON.stringify(text.slice(0, 40))}: ${signal ?? code} ${stdout}${stderr}`);
      assert.ok((stdout + stderr).trim().length > 0);
    }
  });

  test('a file that holds nothing is refused, and told what to write', async () => {
    for (const text of ['', '\n', '# only a comment\n', '---\n']) {
      for (const args of [['check', file(text)], ['serve', '--config', file(text), '--data', tempDir()]]) {
        const { code, stderr } = await run(args);
        assert.equal(code, 1, args[0]);
        assert.match(stderr, /sluice\.yaml:1: the file holds nothing; write what providers/);
      }
    }
    assert.equal((await run(['check', file('{}\n')])).code, 0);
  });

  test('a word or a flag that is none is named, and the nearest one', async () => {
    const told = async (...args) => {
      const { code, stderr } = await run(args);
      assert.equal(code, 2);
      return stderr.split('\n')[0];
    };
    assert.equal(await told('nope'), 'The following argument was not expected: nope');
    assert.equal(await told('--nope'), 'The following argument was not expected: --nope');
    assert.equal(await told('srve', '--config', 'x'), "The following argument was not expected: srve; did you mean 'serve'?");
    assert.equal(await told('--versoin'), "The following argument was not expected: --versoin; did you mean '--version'?");
    assert.equal(await told('keys', 'lst'), "The following argument was not expected: lst; did you mean 'list'?");
    assert.equal(await told(), 'A subcommand is required');
    assert.equal(await told('keys'), 'A subcommand is required');
    assert.equal(await told('check'), 'FILE is required');
    assert.equal(await told('serve', '--nope'), 'The following argument was not expected: --nope');
  });

  test('serve refuses a bad file with the same words', async () => {
    const path = file('listn: 127.0.0.1:1\n');
    const { code, stderr, stdout } = await run(['serve', '--config', path, '--data', tempDir()]);
    assert.equal(code, 1);
    assert.match(stderr + stdout, /:1:.*listn.*listen/);
  });

  test('a file that is not there is told', async () => {
    const { code, stderr, stdout } = await run(['check', '/nonexistent/sluice.yaml']);
    assert.equal(code, 1);
    assert.match(stderr + stdout, /\/nonexistent\/sluice\.yaml/);
  });

  test('schema: JSON Schema on standard output', async () => {
    const { code, stdout } = await run(['schema']);
    assert.equal(code, 0);
    const schema = JSON.parse(stdout);
    assert.match(schema.$schema, /2020-12/);
    for (const key of ['listen', 'providers', 'models', 'keys', 'limits']) assert.ok(schema.properties[key], key);
    assert.equal(schema.additionalProperties, false);
  });

  test('schema: every default fits what the schema says of its key', async () => {
    const type = (value) => (Array.isArray(value) ? 'array' : value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value);
    const fits = (schema, value) => (schema.type === undefined || [schema.type].flat().includes(type(value)))
      && (schema.const === undefined || schema.const === value) && (schema.enum === undefined || schema.enum.includes(value))
      && (typeof value !== 'number' || (value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)))
      && (typeof value !== 'string' || schema.pattern === undefined || new RegExp(schema.pattern).test(value))
      && (schema.anyOf === undefined || schema.anyOf.some((part) => fits(part, value)));
    let seen = 0;
    const walk = (node, path) => {
      if (node?.description && 'default' in node) {
        seen++;
        assert.ok(fits(node, node.default), `${path}: ${JSON.stringify(node.default)}`);
      }
      if (node && typeof node === 'object') for (const [key, below] of Object.entries(node)) walk(below, `${path}/${key}`);
    };
    walk(JSON.parse((await run(['schema'])).stdout), '');
    assert.ok(seen > 100, `${seen} defaults`);
  });

  test('init: writes an example that passes the check, and never overwrites', async () => {
    const cwd = tempDir();
    const path = join(cwd, 'sluice.yaml');
    assert.equal((await run(['init'], { cwd })).code, 0);
    assert.ok(existsSync(path));
    const keys = Object.fromEntries([...readFileSync(path, 'utf8').matchAll(/\$\{(\w+)\}/g)].map((match, i) => [match[1], `sk-test-value-of-some-length-${i}`]));
    const check = await run(['check', path], { env: keys });
    assert.equal(check.code, 0, check.stdout + check.stderr);
    writeFileSync(path, 'mine: true\n');
    assert.equal((await run(['init'], { cwd })).code, 1);
    assert.equal(readFileSync(path, 'utf8'), 'mine: true\n');
  });

  test('wrong usage is exit 2, help is 0 and fits a screen', async () => {
    for (const args of [['nonsense'], ['serve', '--nonsense'], ['check'], ['serve', '--listen', 'not an address']]) assert.equal((await run(args)).code, 2, args.join(' '));
    for (const args of [['--help'], ['serve', '--help'], ['check', '--help'], ['schema', '--help'], ['init', '--help'], ['sim', '--help'], ['why', '--help'], ['drill', '--help']]) {
      const { code, stdout } = await run(args);
      assert.equal(code, 0, args.join(' '));
      assert.ok(stdout.split('\n').length <= 50, `${args.join(' ')} has ${stdout.split('\n').length} lines`);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 120, line);
    }
    const version = await run(['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
  });

  test('what is printed goes into no file where standard descriptors are closed', async () => {
    const cwd = tempDir();
    const listen = await startSim('free').then(async (sim) => { await sim.kill(); return `127.0.0.1:${sim.port}`; });
    const gateway = new Gateway(['serve', '--config', file(good), '--listen', listen, '--data', join(cwd, 'data')], { cwd, under: ['/bin/sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'] });
    [gateway.host, gateway.port] = listen.split(':');
    await waitFor('health', () => gateway.call({ path: '/healthz', key: null }).then((answer) => answer.status === 200, () => false), 10_000);
    for (const descriptor of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${gateway.pid}/fd/${descriptor}`), '/dev/null');
    assert.equal((await gateway.stop()).code, 0);
    assert.doesNotMatch(readFileSync(join(cwd, 'data/journal/lock'), 'utf8'), /"msg"/);
  });

  test('the exit status tells the result where nothing can be printed', async () => {
    const full = { under: ['/bin/sh', '-c', 'exec "$@" >/dev/full 2>/dev/full', 'sh'] };
    for (const [expected, ...args] of [[1, 'check', '/nonexistent/sluice.yaml'], [1, 'check', '--json', '/nonexistent/sluice.yaml'], [1, 'serve', '--config', '/nonexistent/sluice.yaml', '--data', tempDir()],
      [2, 'serve', '--listen', 'nonsense'], [2, 'report', '--data', '/nonexistent'], [1, 'init', '/nonexistent/sluice.yaml'], [0, 'check', file(good)], [0, 'schema'], [2, 'nonsense']]) {
      const { code, signal } = await run(args, full);
      assert.equal(code, expected, `${args.join(' ')}: ${code ?? signal}`);
    }
  });

  test('an address that is taken is told, exit 1', async () => {
    const sim = await startSim('taken');
    const { code, stderr } = await run(['serve', '--config', file(good), '--listen', `127.0.0.1:${sim.port}`, '--data', tempDir()], { env: {} });
    assert.equal(code, 1);
    assert.ok(stderr.includes(String(sim.port)), stderr);
  });
});

describe('reload', () => {
  let sim, gateway, config;
  before(async () => {
    sim = await startSim('sim-a');
    config = baseConfig([sim], { models: { one: { deployments: ['sim-a/m1'] } }, keys: [{ name: 'temp', key: 'sk-sl-temporary-00112233445566778899' }] });
    gateway = await startGateway(config);
  });
  const change = (edit) => {
    config = structuredClone(config);
    edit(config);
    return config;
  };
  const known = (model) => async () => (await gateway.chat(model)).status === 200;

  for (const how of ['file change', 'SIGHUP']) {
    test(`G4: a good file goes live within 2 s (${how})`, async () => {
      const name = how === 'SIGHUP' ? 'two' : 'three';
      writeConfig(gateway.file, change((c) => { c.models[name] = { deployments: ['sim-a/m2'] }; }));
      if (how === 'SIGHUP') gateway.signal('SIGHUP');
      await waitFor(`model ${name}`, known(name), 2000);
      assert.equal((await gateway.chat('one')).status, 200);
    });
  }

  test('G3: a key that was taken away is refused, also on a connection that is open', async () => {
    const connection = await Connection.open(gateway);
    const ask = async () => {
      connection.request({ method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer sk-sl-temporary-00112233445566778899' } });
      const { status } = await connection.head();
      await connection.whole();
      return status;
    };
    assert.equal(await ask(), 200);
    writeConfig(gateway.file, change((c) => { c.keys = c.keys.filter((key) => key.name !== 'temp'); }));
    gateway.signal('SIGHUP');
    await waitFor('the refusal', async () => (await ask()) === 401, 2000);
    connection.destroy();
  });

  test('G5: a bad, truncated or empty file changes nothing, and the log names the line', async () => {
    const text = JSON.stringify(config, null, 2);
    const bad = {
      'a typo': text.replace('"deployments"', '"deploments"'),
      'a cut': text.slice(0, text.length / 2),
      'a reference to nowhere': text.replace('sim-a/m1', 'nowhere/m1'),
      'an empty file': '',
      'a file of comments': '# nothing any more\n---\n',
      'an unset variable': text.replace('"1s"', '"${NOT_SET_ANYWHERE}"'),
    };
    for (const [name, broken] of Object.entries(bad)) {
      const seen = gateway.stderr.length;
      writeConfig(gateway.file, broken);
      gateway.signal('SIGHUP');
      await gateway.output(`the refusal of ${name}`, (g) => /sluice\.yaml:\d+|"line":/.test(g.stderr.slice(seen)) || (name === 'an unset variable' && /NOT_SET_ANYWHERE/.test(g.stderr.slice(seen))), 3000);
      assert.equal((await gateway.chat('one')).status, 200, name);
    }
    writeConfig(gateway.file, change((c) => { c.models.recovered = { deployments: ['sim-a/m3'] }; }));
    gateway.signal('SIGHUP');
    await waitFor('the good file after bad ones', known('recovered'), 2000);
    assert.deepEqual(gateway.logs.filter((line) => line.msg.startsWith('certificate')), [], 'where there is no certificate none is reloaded');
  });

  // As Kubernetes mounts a secret: the file leads through ..data to a folder, and another ..data is put in its place.
  test('G4: a changed file that a value is read from goes live within 2 s, mounted behind links or replaced', async () => {
    const folder = tempDir();
    const mount = (name, key) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'key'), `${key}\n`);
      symlinkSync(name, join(folder, '..data_new'));
      renameSync(join(folder, '..data_new'), join(folder, '..data'));
    };
    mount('first', 'sk-old-key-0011223344');
    symlinkSync('..data/key', join(folder, 'key'));
    const provider = { type: 'openai', base_url: sim.base, api_key: `\${file:${join(folder, 'key')}}` };
    const own = await startGateway(baseConfig([], { providers: { 'sim-a': provider }, models: { one: { deployments: ['sim-a/m1'], retries: 0, breaker: calm } } }));
    const status = async () => (await own.chat('one')).status;
    assert.equal(await status(), 502);
    mount('second', providerKey);
    await waitFor('the mounted key', async () => (await status()) === 200, 2000);
    writeFileSync(join(folder, 'key.new'), 'sk-another-key-0011223344');
    renameSync(join(folder, 'key.new'), join(folder, 'key'));
    await waitFor('the file in its place', async () => (await status()) === 502, 2000);
    rmSync(join(folder, 'key'));
    const told = own.stderr.length;
    own.signal('SIGHUP');
    await own.output('the refusal', (g) => /not reloaded.*cannot be read/.test(g.stderr.slice(told)), 3000);
    writeFileSync(join(folder, 'key'), providerKey);
    await waitFor('the file that came back', async () => (await status()) === 200, 2000);
  });

  test('G4: the form of the log changes with the file', async () => {
    const own = await startGateway(baseConfig([sim]));
    const reload = async (format, line) => {
      const seen = own.stderr.length;
      writeConfig(own.file, { ...baseConfig([sim]), log: { format } });
      await own.output(`a reload told as ${format}`, (g) => line.test(g.stderr.slice(seen)), 3000);
    };
    await reload('text', /^\S+Z info configuration reloaded file=/m);
    await reload('json', /^\{"time":.*"configuration reloaded"/m);
  });

  test('SIGHUP without a file changes nothing, and the trial goes on', async () => {
    const cwd = tempDir();
    const trial = await new Gateway(['serve', '--listen', '127.0.0.1:0', '--data', join(cwd, 'data')], { cwd }).ready();
    const key = readFileSync(join(cwd, 'data/master_key'), 'utf8').trim();
    const models = async () => (await trial.call({ path: '/v1/models', key })).json.data.map((model) => model.id);
    const before = await models();
    assert.ok(before.includes('fast'), before.join());
    for (let reloads = 1; reloads <= 2; reloads++) {
      trial.signal('SIGHUP');
      await trial.output(`reload ${reloads}`, (t) => t.logs.filter((line) => line.msg === 'configuration reloaded').length === reloads, 3000);
      assert.deepEqual(await models(), before);
      for (const model of ['fast', 'anything', 'sim-b/m']) assert.equal((await trial.chat(model, {}, { key })).status, 200, model);
    }
  });

  test('G4: no request fails while the file changes again and again', async () => {
    let running = true, done = 0;
    const load = Promise.all([0, 1, 2, 3].map(async (worker) => {
      while (running) {
        const answer = await gateway.chat('one', { stream: worker % 2 === 0 });
        assert.equal(answer.status, 200, answer.text);
        if (worker % 2 === 0) assert.equal(answer.events.at(-1), '[DONE]');
        done++;
      }
    }));
    const long = gateway.chat('sim-a/sim:' + JSON.stringify({ events: 30, event_delay_ms: 50 }), { stream: true });
    for (let i = 0; i < 10; i++) {
      writeConfig(gateway.file, i % 3 === 2 ? 'broken: [' : change((c) => { c.models[`extra-${i}`] = { deployments: ['sim-a/m'] }; }));
      gateway.signal('SIGHUP');
      await sleep(100);
    }
    running = false;
    await load;
    assert.ok(done > 20);
    const answer = await long;
    assert.equal(answer.events.at(-1), '[DONE]');
    assert.equal(errorOf(answer.events), undefined, 'a stream outlives the configuration it began with');
    writeConfig(gateway.file, config);
  });
});

describe('drain', () => {
  test('G10: SIGTERM: not ready, nothing new, streams end or are told, exit 0', async () => {
    const { gateway } = await startPair({ drain: '1500ms' }, 1);
    const shortStreams = await Promise.all(Array.from({ length: 20 }, () => gateway.open(scripted({ events: 12, event_delay_ms: 50 }), { stream: true })));
    const longStreams = await Promise.all(Array.from({ length: 5 }, () => gateway.open(scripted({ events: 5000, event_delay_ms: 50 }), { stream: true })));
    const whole = await gateway.open(scripted({ delay_ms: 700, text: 'patience' }));
    for (const connection of [...shortStreams, ...longStreams]) {
      await connection.head();
      await connection.events(2);
    }
    const probe = await Connection.open(gateway);
    const began = performance.now();
    gateway.signal('SIGTERM');
    await waitFor('new connections to be refused or readiness to end', async () => {
      try {
        return (await call(gateway, { path: '/readyz', limit: 500 })).status === 503;
      } catch (error) {
        return ['ECONNREFUSED', 'ECONNRESET', 'CUT', 'EPIPE'].includes(error.code);
      }
    }, 1000);
    probe.destroy();
    for (const connection of shortStreams) {
      const events = await connection.events();
      assert.equal(events.at(-1), '[DONE]');
      assert.equal(errorOf(events), undefined);
    }
    assert.equal((await whole.head()).status, 200);
    assert.ok((await whole.whole()).includes('patience'));
    for (const connection of longStreams) {
      const events = await connection.events();
      assert.ok(errorOf(events)?.message, 'an error event tells the end');
      assert.equal(events.at(-1), '[DONE]');
    }
    const { code } = await within('the exit', gateway.exited, 3000);
    assert.equal(code, 0);
    const took = performance.now() - began;
    assert.ok(took >= 1400 && took < 1500 + 1000, `took ${took} ms`);
    assert.equal(gateway.requestLogs.filter((line) => line.stream && line.outcome === 'ok').length, 20);
    assert.equal(gateway.requestLogs.filter((line) => line.stream && line.outcome === 'error').length, 5);
  });

  // Who has not sent all is given time to read why it is refused, but not more than there is.
  test('G10: it ends a second after its limit at most, whatever clients do', async () => {
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${appKey}\r\ncontent-type: application/json\r\n`;
    for (const [name, bytes] of Object.entries({ 'half a body': `${head}content-length: 1000\r\n\r\n{`, 'half a chunk': `${head}transfer-encoding: chunked\r\n\r\n100\r\n{`, 'half a head': head })) {
      const { gateway } = await startPair({ drain: '300ms' }, 1);
      const socket = net.connect({ host: gateway.host, port: gateway.port, allowHalfOpen: true });
      let said = '';
      socket.on('data', (piece) => { said += piece; });
      socket.on('error', () => {});
      await new Promise((resolve) => { socket.write(bytes, resolve); });
      await waitFor('the connection', async () => (await gateway.metric('sluice_connections')) >= 2);
      const began = performance.now();
      gateway.signal('SIGTERM');
      const { code } = await within('the exit', gateway.exited, 5000);
      const took = performance.now() - began;
      socket.destroy();
      assert.equal(code, 0);
      assert.match(said, /^HTTP\/1\.1 503 /, name);
      assert.ok(took >= 300 && took < 300 + 1000 * slowed, `${name}: took ${took} ms`);
    }
  });

  test('G10: with nothing in flight it ends at once, idle connections or not', async () => {
    const { gateway } = await startPair({ drain: '30s' }, 1);
    const idle = await Connection.open(gateway);
    idle.request({ method: 'GET', path: '/healthz' });
    await idle.head();
    await idle.whole();
    const began = performance.now();
    const { code } = await gateway.stop(3000);
    assert.equal(code, 0);
    assert.ok(performance.now() - began < 1500);
  });
});

describe('health, metrics, log', () => {
  let gateway, a, b;
  before(async () => {
    ({ gateway, sims: [a, b] } = await startPair({ models: { fast: { deployments: ['sim-a/m'], retries: 0 } }, cors: { origins: ['https://app.example'], max_age: '5m' }, log: { level: 'debug' } }));
  });

  test('G9: health and readiness are open, quick and ask no provider', async () => {
    const before = (await a.stats()).requests;
    for (const path of ['/healthz', '/readyz']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await gateway.call({ method, path, key: null });
        assert.equal(answer.status, 200);
        if (method === 'HEAD') assert.equal(answer.bytes.length, 0);
      }
    }
    const times = [];
    for (let i = 0; i < 50; i++) {
      const began = performance.now();
      await gateway.call({ path: '/healthz', key: null });
      times.push(performance.now() - began);
    }
    assert.ok(times.sort((x, y) => x - y)[25] < 15, `median ${times[25]} ms`);
    assert.equal((await a.stats()).requests, before);
  });

  test('metrics need a key, and are OpenMetrics', async () => {
    assert.equal((await gateway.call({ path: '/metrics', key: null })).status, 401);
    const answer = await gateway.call({ path: '/metrics', key: masterKey });
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/openmetrics-text|^text\/plain/);
    assert.ok(answer.text.endsWith('# EOF\n'));
    const lines = answer.text.trimEnd().split('\n').slice(0, -1);
    for (const line of lines) assert.match(line, /^# (TYPE|HELP|UNIT) |^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? -?[\d.eE+-]+(Inf)?( # .*)?$/);
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
    assert.equal(new Set(series).size, series.length, 'no series twice');
  });

  test('metrics: open when the file says so', async () => {
    const { gateway: open } = await startPair({ metrics: { auth: 'none' } }, 1);
    assert.equal((await open.call({ path: '/metrics', key: null })).status, 200);
  });

  test('H6: bogus models, users and paths make no new series', async () => {
    const series = async () => (await gateway.metrics()).split('\n').filter((line) => line && !line.startsWith('#')).length;
    await gateway.chat('fast');
    await gateway.chat('bogus');
    await gateway.chat(scripted({ text: 'warm' }));
    await gateway.call({ path: '/no/such/path' });
    await gateway.call({ path: '/v1/models/bogus' });
    const before = await series();
    await Promise.all(Array.from({ length: 300 }, async (_, i) => {
      await gateway.chat(`bogus-${i}`, { user: `user-${i}` });
      await gateway.chat('fast', { user: `user-${i}` }, { headers: { 'user-agent': `agent-${i}` } });
      await gateway.chat(`sim-a/some-model-${i}`);
      await gateway.call({ path: `/no/such/path-${i}`, method: ['GET', 'POST', 'PURGE', `M${i}`][i % 4] });
      await gateway.post(`/sim-a/v1/x-${i}`, '{}');
    }));
    const after = await series();
    assert.ok(after - before < 100, `${after - before} new series`);
    assert.ok((await gateway.metrics()).length < 5 << 20);
  });

  test('H7: the log line of a request, whole and streamed, says the same', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 };
    const lines = [];
    for (const stream of [false, true]) {
      const answer = await gateway.chat(scripted({ usage, delay_ms: 30 }), { stream });
      const line = await gateway.requestLog(answer.id);
      assert.ok(line.duration_us >= 30_000 && line.duration_us < 5_000_000, `${line.duration_us}`);
      assert.ok(line.ttft_us >= 30_000 && line.ttft_us <= line.duration_us);
      lines.push(Object.fromEntries(['method', 'path', 'route', 'deployment', 'status', 'attempts', 'input_tokens', 'output_tokens', 'key', 'outcome'].map((name) => [name, line[name]])));
      assert.equal(line.stream, stream);
    }
    assert.deepEqual(lines[0], lines[1]);
    assert.deepEqual(lines[0], { ...lines[0], method: 'POST', path: '/v1/chat/completions', status: 200, attempts: 1, input_tokens: 11, output_tokens: 22, key: 'app', outcome: 'ok' });
  });

  test('every request has one log line, refused ones too', async () => {
    for (const [options, status] of [[{ path: '/v1/models', key: null }, 401], [{ path: '/v1/nothing' }, 404], [{ method: 'POST', path: '/v1/chat/completions', body: '{' }, 400]]) {
      const answer = await gateway.call(options);
      assert.equal(answer.status, status);
      assert.ok(answer.id, 'refusals carry an id');
      const line = await gateway.requestLog(answer.id);
      assert.equal(line.status, status);
      assert.equal(gateway.requestLogs.filter((one) => one.request_id === answer.id).length, 1);
    }
  });

  test('log lines are JSON objects, whatever is asked for', async () => {
    await gateway.call({ path: '/v1/"\\\u007f\u00ff%0a{"x":1}' });
    await gateway.chat('model "\n\u0000\u001b[31m\\ é 🚀 \ud800');
    await gateway.chat('fast', {}, { headers: { 'user-agent': '"}\\{"msg":"forged"}' } });
    for (const line of gateway.stderr.split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), line);
  });

  test('H9: every answer tells our share of its time', async () => {
    for (const stream of [false, true]) {
      const began = performance.now();
      const answer = await gateway.chat(scripted({ delay_ms: 100 }), { stream });
      const wall = (performance.now() - began) * 1000;
      const overhead = Number(answer.headers['x-sluice-overhead-us']);
      assert.ok(overhead > 0 && overhead < wall - 90_000, `${overhead} of ${wall} us`);
    }
    for (const options of [{ path: '/v1/models' }, { path: '/v1/models', key: null }, { path: '/v1/none' }, { path: '/v1/embeddings' }]) assert.match((await gateway.call(options)).headers['x-sluice-request-id'], /\S+/);
  });

  test('the in-flight gauge goes back to 0', async () => {
    const connections = await Promise.all(Array.from({ length: 5 }, () => gateway.open(scripted({ delay_ms: 20_000 }))));
    const gauge = async () => {
      const text = await gateway.metrics();
      const values = text.split('\n').filter((line) => /^sluice_\w*(in_flight|inflight)\w*(\{.*\})? /.test(line));
      assert.ok(values.length, 'there is an in-flight gauge');
      return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    };
    await waitFor('five in flight', async () => (await gauge()) >= 5);
    for (const connection of connections) connection.destroy();
    await waitFor('none in flight', async () => (await gauge()) <= 1);    // the scrape itself may count
  });

  test('CORS: a listed origin may call, also ask first; others get nothing', async () => {
    const preflight = (origin) => gateway.call({ method: 'OPTIONS', path: '/v1/chat/completions', key: null, headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-stainless-os' } });
    const allowed = await preflight('https://app.example');
    assert.ok([200, 204].includes(allowed.status));
    assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example');
    assert.match(allowed.headers['access-control-allow-methods'], /POST/);
    assert.match(allowed.headers['access-control-allow-headers'], /authorization|\*/i);
    assert.equal(allowed.headers['access-control-max-age'], '300');
    assert.match(allowed.headers.vary ?? '', /origin/i);
    for (const origin of ['https://evil.example', 'https://app.example.evil.test', 'http://app.example', 'null']) assert.equal((await preflight(origin)).headers['access-control-allow-origin'], undefined, origin);
    const real = await gateway.chat('fast', {}, { headers: { origin: 'https://app.example' } });
    assert.equal(real.headers['access-control-allow-origin'], 'https://app.example');
    assert.match(real.headers['access-control-expose-headers'] ?? '', /x-sluice-request-id|\*/i);
    const stream = await gateway.chat('fast', { stream: true }, { headers: { origin: 'https://app.example' } });
    assert.equal(stream.headers['access-control-allow-origin'], 'https://app.example');
    const refused = await gateway.chat('fast', {}, { key: 'sk-sl-wrong', headers: { origin: 'https://app.example' } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['access-control-allow-origin'], 'https://app.example', 'a page can read why');
  });

  test('methods: a wrong one is a 405 with Allow, OPTIONS is answered, HEAD has no body', async () => {
    const wrong = await gateway.call({ method: 'DELETE', path: '/v1/chat/completions' });
    assert.equal(wrong.status, 405);
    assert.match(wrong.headers.allow, /POST/);
    assert.ok(wrong.json.error.message);
    assert.equal((await gateway.call({ path: '/v1/chat/completions' })).status, 405);
    const head = await gateway.call({ method: 'HEAD', path: '/v1/models' });
    assert.equal(head.bytes.length, 0);
    assert.ok([200, 405].includes(head.status));
  });

  test('paths with and without /v1 are the same', async () => {
    assert.equal((await gateway.post('/chat/completions', chat('fast'))).status, 200);
    assert.equal((await gateway.call({ path: '/models' })).status, 200);
  });
});

describe('TLS', () => {
  let folder, cert, key;
  before(() => {
    folder = tempDir();
    [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  });

  test('serves HTTPS with a certificate of one\'s own', async () => {
    const { gateway } = await startPair({ tls: { cert, key } }, 1);
    assert.ok(gateway.url.startsWith('https://'));
    const ca = readFileSync(cert);
    const answer = await gateway.chat(scripted({ text: 'over TLS' }), {}, { ca });
    assert.equal(answer.json.choices[0].message.content, 'over TLS');
    const stream = await gateway.chat(scripted({ text: 'over TLS too' }), { stream: true }, { ca });
    assert.equal(streamText(stream.events), 'over TLS too');
    assert.equal((await gateway.call({ path: '/healthz', key: null, ca })).status, 200);
  });

  test('check tells the line and the field of a certificate, a key or authorities that cannot be used', async () => {
    const path = join(folder, 'files.yaml');
    const provider = (name, ca) => `  ${name}:\n    type: openai\n    base_url: https://127.0.0.1:1/v1\n    api_key: some-key-1\n    ca_file: ${ca}\n`;
    const told = async (tls, authorities) => {
      writeFileSync(path, `tls:\n  cert: ${tls[0]}\n  key: ${tls[1]}\nproviders:\n${authorities.map((ca, i) => provider(`p${i}`, ca)).join('')}`);
      const { code, stderr } = await run(['check', path]);
      assert.equal(code, 1, stderr);
      return stderr.trim().split('\n').map((line) => line.slice(path.length, line.indexOf(' cannot be used')));
    };
    assert.deepEqual(await told(['nope.pem', key], [cert]), [":2: tls.cert: The certificate file 'nope.pem'"]);
    assert.deepEqual(await told([cert, 'nope.pem'], ['none.pem', cert, 'other.pem']),
      [":3: tls.key: The key file 'nope.pem'", ":9: providers.p0.ca_file: The authorities in 'none.pem'", ":19: providers.p2.ca_file: The authorities in 'other.pem'"]);
  });

  // Authorities are named beside an address that needs none, too: one that was https before, or for tokens of Google's.
  test('authorities that cannot be used are refused beside http, by check, at a start and at a reload', async () => {
    const path = join(folder, 'plain.yaml');
    const provider = (ca) => `providers:\n  p:\n    type: openai\n    base_url: http://127.0.0.1:1/v1\n    api_key: some-key-1\n    ca_file: ${ca}\n`;
    const alerts = (ca) => `alerts:\n  webhook: http://127.0.0.1:1/hook\n  ca_file: ${ca}\n${provider(cert)}`;
    for (const [text, place] of [[provider('nope.pem'), 'plain.yaml:6: providers.p.ca_file: '], [alerts('nope.pem'), 'plain.yaml:3: alerts.ca_file: ']]) {
      writeFileSync(path, text);
      const checked = await run(['check', path]);
      assert.deepEqual([checked.code, checked.stderr.includes(`${place}The authorities in 'nope.pem' cannot be used`)], [1, true], checked.stderr);
      const served = await run(['serve', '--config', path, '--data', tempDir()], { env: { SLUICE_MASTER_KEY: masterKey } });
      assert.equal(served.code, 1, served.stderr);
      assert.match(served.stderr, /The authorities in 'nope\.pem' cannot be used/);
    }
    writeFileSync(path, alerts(cert));
    assert.equal((await run(['check', path])).code, 0);
  });

  test('a reload with TLS files that a start could not use changes nothing, be there a certificate in force or not', async () => {
    for (const tls of [undefined, { cert, key }]) {
      const sim = await startSim('sim-a');
      const config = baseConfig([sim], tls ? { tls } : {});
      const gateway = await startGateway(config);
      const ca = tls && readFileSync(cert);
      const known = async () => (await gateway.chat('new', {}, { ca })).status === 200;
      const reload = async (files, said) => {
        const seen = gateway.stderr.length;
        writeConfig(gateway.file, { ...config, tls: files, models: { ...config.models, new: { deployments: ['sim-a/m'] } } });
        gateway.signal('SIGHUP');
        await gateway.output(`"${said}"`, (g) => g.stderr.slice(seen).includes(`"msg":"${said}"`), 3000);
        return gateway.stderr.slice(seen);
      };
      for (const [files, file] of [[{ cert: '/nowhere.pem', key }, '/nowhere.pem'], [{ cert, key: '/nowhere.pem' }, '/nowhere.pem'], [{ cert, key: cert }, cert]]) {
        const told = await reload(files, 'configuration not reloaded');
        assert.ok(told.includes(file), told);
        assert.equal(await known(), false);
      }
      await reload(tls ?? { cert, key }, 'configuration reloaded');
      assert.equal(await known(), true);
    }
  });

  test('plain HTTP on a port with TLS is told to use https', async () => {
    const { gateway } = await startPair({ tls: { cert, key }, limits: { header_timeout: '400ms' } }, 1);
    const plain = { host: gateway.host, port: gateway.port };
    const isTold = (answer) => {
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.connection, 'close');
      assert.match(answer.json.error.message, /https:\/\//);
    };
    for (const path of ['/healthz', '/nowhere', '/v1/models']) {
      const answer = await call(plain, { path, limit: 3000 });
      isTold(answer);
      assert.equal(answer.json.error.type, 'invalid_request_error');
      assert.ok('param' in answer.json.error, answer.text);
    }
    const theirs = await call(plain, { method: 'POST', path: '/v1/messages', body: '{}', limit: 3000 });
    isTold(theirs);
    assert.equal(theirs.json.type, 'error', 'in the words of its path');
    // More than fits into the buffers between: all of it is taken, else its sender would see a reset.
    isTold(await call(plain, { method: 'POST', path: '/v1/chat/completions', body: 'x'.repeat(20_000_000), limit: 10_000 }));

    const silent = await Connection.open(plain);
    const began = performance.now();
    await within('the end', new Promise((resolve) => { silent.socket.on('close', resolve); }), 3000 * slowed);
    assert.equal(silent.buffer.length, 0);
    assert.ok(performance.now() - began >= 300);
    const ca = readFileSync(cert);
    assert.match((await gateway.call({ path: '/metrics', key: masterKey, ca })).text, /^sluice_refused_total 5$/m);
    assert.equal((await gateway.call({ path: '/healthz', key: null, ca })).status, 200);
  });

  test('calls a provider over TLS when its authority is configured, and refuses it when not', async () => {
    const server = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],"model":"tls"}'));
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    after(() => { server.close(); server.closeAllConnections(); });
    const base_url = `https://localhost:${server.address().port}/v1`;
    const { gateway } = await startPair({
      providers: { trusted: { type: 'openai', base_url, api_key: providerKey, ca_file: cert }, unknown: { type: 'openai', base_url, api_key: providerKey }, misnamed: { type: 'openai', base_url: base_url.replace('localhost', '127.0.0.2'), api_key: providerKey, ca_file: cert } },
    }, 1);
    assert.equal((await gateway.chat('trusted/m')).status, 200);
    for (const name of ['unknown', 'misnamed']) {
      const answer = await gateway.chat(`${name}/m`);
      assert.equal(answer.status, 502, name);
      assert.ok(answer.json.error.message);
    }
  });
});

test('the primary provider dies under mixed load: nothing fails that had not begun to answer', async () => {
  const { OpenAI } = await loadSdks();
  const { gateway, sims: [primary, second] } = await startPair({ models: { main: { deployments: ['sim-a/m', 'sim-b/m'], retries: 1, backoff: '20ms' } } });
  const client = new OpenAI({ apiKey: appKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  for (const sim of [primary, second]) await sim.script('m', { delay_ms: 20, event_delay_ms: 4, events: 10 });
  let running = true;
  const tally = { whole: 0, streams: 0, begun: 0 };
  const failures = [];
  const worker = async (streamed) => {
    while (running) {
      let content = 0;
      try {
        if (streamed) {
          const stream = await client.chat.completions.create({ ...chat('main'), stream: true });
          for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) content++;
          tally.streams++;
        } else {
          await client.chat.completions.create(chat('main'));
          tally.whole++;
        }
      } catch (error) {
        if (streamed && content > 0) tally.begun++;
        else failures.push(`${streamed ? 'stream' : 'whole'}: ${error.status} ${error.message}`);
      }
    }
  };
  const workers = Array.from({ length: 24 }, (_, i) => worker(i % 2 === 0));
  await waitFor('load', () => tally.whole > 40 && tally.streams > 20, 10_000);
  await primary.kill();
  const { whole, streams } = tally;
  await waitFor('load on the second', () => tally.whole > whole + 100 && tally.streams > streams + 50, 15_000);
  running = false;
  await Promise.all(workers);
  assert.deepEqual(failures, []);
  assert.ok(tally.begun <= 12, `${tally.begun} streams had begun and were told so`);
});

test('start-up: a data folder is made, and closed to others', async () => {
  const config = baseConfig([await startSim('sim-a')]);
  delete config.master_key;    // what has to be kept
  const gateway = await startGateway(config);
  const data = join(gateway.file, '../data');
  assert.equal(statSync(data).mode & 0o077, 0);
});

test('without a master key one is made on first start, and stays', async () => {
  const sim = await startSim('sim-a');
  const config = baseConfig([sim]);
  delete config.master_key;
  const gateway = await startGateway(config);
  const [made] = /sk-sl-[\w-]{16,}/.exec(gateway.stdout);
  const kept = join(gateway.file, '../data/master_key');
  assert.equal(readFileSync(kept, 'utf8').trim(), made);
  assert.equal((await gateway.call({ path: '/metrics', key: made })).status, 200);
  assert.equal((await gateway.call({ path: '/metrics', key: null })).status, 401);
  assert.ok(!gateway.stderr.includes(made), 'not in the log');
  assert.equal(statSync(kept).mode & 0o077, 0, 'closed to others');
  await gateway.stop();
  const again = new Gateway(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0', '--data', join(gateway.file, '../data')]);
  await again.ready();
  assert.equal((await again.call({ path: '/metrics', key: made })).status, 200);
  assert.ok(!again.stdout.includes(made), 'shown once');
});
