#!/usr/bin/env node
// Bob of the wedding ring, as `bin/client --role bob` plays him: reads that Alice has found her ring, says that he is glad,
// and moves to replica 3, where nobody may ever read his answer without what it answers.
//
// node bob.js [REPLICA2 REPLICA3 [OTHER...]], each HOST:PORT; those of `make replicas` if none is given.
import { setTimeout as pause } from 'node:timers/promises';
import { Session } from './session.js';

const FEED = Buffer.from('ring');
const FOUND = 'Alice: I have found my wedding ring!';
const GLAD = 'Bob: I am glad to hear that!';

const named = process.argv.slice(2);
const replicas = named.length > 0 ? named : ['127.0.0.1:8001', '127.0.0.1:8002', '127.0.0.1:8000'];
const session = new Session(replicas);

async function feed() {
  const lines = [];
  for (let after = Buffer.alloc(0); ; ) {
    const [{ feed: page }] = await session.read({ feed: { feed: FEED, after } });
    lines.push(...page.entries.map((entry) => entry.value.toString()));
    if (page.next.length === 0) return lines;
    after = page.next;
  }
}

let stalled = false;
while (!(await feed()).includes(FOUND)) {
  if (!stalled) console.log(`stalled: Alice has not found her ring yet, as far as replica ${session.replica} shows`);
  stalled = true;
  await pause(100);
}
const { version } = await session.write({ append: { feed: FEED, value: Buffer.from(GLAD) } });
console.log(`${GLAD} (version ${version.lamport_time}@${version.origin.replica_id})`);

if (replicas.length > 1) {
  session.moveTo(replicas[1]);
  const start = Date.now();
  const lines = await feed();
  console.log(`replica ${session.replica}, after ${((Date.now() - start) / 1000).toFixed(1)} s:`);
  lines.forEach((line) => console.log(`  ${line}`));
  if (!lines.includes(GLAD) || lines.indexOf(FOUND) < 0) {
    console.error('NOT causal: Bob does not read there what he has read and written');
    process.exitCode = 1;
  }
}
session.close();
