// A session of Tidings with nothing but the proto files: docs/protocol.md, in code.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const protos = protoLoader.loadSync(
  ['tidings/v1/causal_store_service.proto', here('errors.proto')],
  { includeDirs: [here('../../proto/src/main/protobuf')], keepCase: true, longs: String, oneofs: true, defaults: true },
);
const { tidings } = grpc.loadPackageDefinition(protos);

const DEADLINE_MS = 60_000; // of a request, with all its tries
const TRY_MS = 10_000; // of one try
const PASSING = ['NOT_YET_VISIBLE', 'OVERLOADED']; // ask the same replica again
const LEAVE = ['CATCHING_UP', 'SHUTTING_DOWN', 'HOME_UNREACHABLE', 'REPLICA_REMOVED', 'DISK_FULL', 'DATA_DAMAGED']; // ask another one

/** What the replica itself says of a refusal; an empty reason if it does not. */
function details(error) {
  const told = { reason: '', retryMs: 0 };
  const [status] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!status) return told;
  for (const any of protos['google.rpc.Status'].deserialize(status).details) {
    if (any.type_url.endsWith('/google.rpc.ErrorInfo')) {
      const info = protos['google.rpc.ErrorInfo'].deserialize(any.value);
      if (info.domain === 'tidings.dev') told.reason = info.reason;
    } else if (any.type_url.endsWith('/google.rpc.RetryInfo')) {
      const delay = protos['google.rpc.RetryInfo'].deserialize(any.value).retry_delay;
      told.retryMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    }
  }
  return told;
}

export class Session {
  #replicas;
  #at = 0;
  #clients = new Map();
  #state = { token: Buffer.alloc(0), clock: '0' }; // handed from each answer to the next request
  #id = randomBytes(16); // tells this session's requests from all others
  #number = 0;

  /** @param replicas HOST:PORT of each; the session begins at the first */
  constructor(replicas) {
    this.#replicas = [...replicas];
  }

  /** HOST:PORT of the replica where the session is. */
  get replica() {
    return this.#replicas[this.#at];
  }

  /** Goes to another replica, which answers once it shows what this session has seen. */
  moveTo(replica) {
    if (!this.#replicas.includes(replica)) this.#replicas.push(replica);
    this.#at = this.#replicas.indexOf(replica);
  }

  /** Reads items together, from one moment. A read may be tried anywhere, as often as need be. */
  async read(...items) {
    const answer = await this.#request('ClientRead', { items }, 'harmless');
    return answer.results;
  }

  /** Writes; resolves to the answer, with version and position. */
  async write(...mutations) {
    this.#number += 1;
    const counted = mutations.every((each) => each.append || each.increment || each.add);
    const request = { mutations, request_id: { session: this.#id, number: this.#number } };
    return this.#request('ClientWrite', request, counted ? 'once' : 'twice');
  }

  close() {
    this.#clients.forEach((client) => client.close());
  }

  /** @param effect what a second write, at another replica, does: 'harmless', or counts 'once' or 'twice' */
  async #request(method, request, effect) {
    request.session = this.#state; // the same in all tries
    const mayHaveHappenedAt = new Set();
    const end = Date.now() + DEADLINE_MS;
    for (let tries = 0; ; tries++) {
      const replica = this.replica;
      const elsewhere = [...mayHaveHappenedAt].some((each) => each !== replica);
      if (elsewhere) request.request_id.retried = true;
      try {
        const answer = await this.#call(replica, method, request, Math.min(end, Date.now() + TRY_MS));
        this.#state = answer.session;
        if (elsewhere) this.#renew();
        return answer;
      } catch (error) {
        const { reason, retryMs } = details(error);
        if (!reason && effect !== 'harmless') mayHaveHappenedAt.add(replica);
        const gone = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(error.code) && !reason;
        const wait = (retryMs || Math.min(1000, 50 * 2 ** tries)) * (1 + Math.random() / 4);
        const again = PASSING.includes(reason) || LEAVE.includes(reason) || gone;
        if (!again || Date.now() + wait > end) {
          if (mayHaveHappenedAt.size > 0) {
            this.#renew(); // given up: what comes of it must not be mistaken for what follows
            error.message += '; the write may have happened';
          }
          throw error;
        }
        const bound = effect === 'twice' && mayHaveHappenedAt.size > 0;
        if (!PASSING.includes(reason) && !bound) this.#at = (this.#at + 1) % this.#replicas.length;
        await pause(wait);
      }
    }
  }

  #renew() {
    this.#id = randomBytes(16);
    this.#number = 0;
  }

  #call(replica, method, request, deadline) {
    if (!this.#clients.has(replica)) {
      const client = new tidings.v1.CausalStoreService(replica, grpc.credentials.createInsecure());
      this.#clients.set(replica, client);
    }
    return new Promise((resolve, reject) => {
      const done = (error, answer) => (error ? reject(error) : resolve(answer));
      this.#clients.get(replica)[method](request, { deadline }, done);
    });
  }
}
