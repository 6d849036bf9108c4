import { request, type IncomingMessage } from 'node:http';
import { portOf } from './endpoint.ts';
import { isPortOfOthers } from '../system/port-owner.ts';
import { presenceOf } from '../system/process-identity.ts';
import { NONCE, newNonce, proofOf, proofPath, sameProof } from './proof.ts';
import { networkReason } from '../wording/trouble.ts';
import type { Access } from '../contract/access.ts';
import type { Endpoint } from '../contract/rpc.ts';

/** What is at an endpoint. */
export type KernelSearch =
  /** The kernel that wrote it; `credential` lets us in once. */
  | { readonly is: 'kernel'; readonly credential: string }
  /** A kernel of a version without proofs, or without a token for that access. */
  | { readonly is: 'outdated' }
  /** Its process is there and accepts connections, but does not answer in time. */
  | { readonly is: 'silent' }
  | {
      readonly is: 'absent';
      readonly reason: string;
      readonly cause?: NodeJS.ErrnoException;
      /** Its process is gone. */
      readonly ended?: true;
    };

/** Under a flood of connections a kernel drops some before it reads them. One of this many tries gets through. */
export const TRIES = 10;
const MAX_ANSWER_BYTES = 4096;
/** What a kernel of a version without proofs answers to an unknown path. */
const OUTDATED_ANSWER = 'The settings page opens with `keepalive ui`.';

/**
 * Checks whether the kernel that wrote the endpoint is there, and has it prove that it has the token. The token itself
 * is never sent: another user may have taken the port after a crash. A port that cannot be the kernel's is not asked.
 */
export async function findKernel(endpoint: Endpoint, limitMs: number, access: Access = 'full'): Promise<KernelSearch> {
  const port = portOf(endpoint);
  if (port === undefined) return { is: 'absent', reason: 'its address is not on 127.0.0.1' };
  const presence = presenceOf(endpoint.pid, endpoint.process);
  if (presence === 'gone') return { is: 'absent', reason: `its process ${endpoint.pid} has ended`, ended: true };
  if (await isPortOfOthers(port)) return { is: 'absent', reason: `another user has taken its port ${port}` };
  const token = access === 'full' ? endpoint.token : endpoint.readToken;
  if (token === undefined) return { is: 'outdated' };
  const clientNonce = newNonce();
  const answer = await askPatiently({ port, path: proofPath(access, clientNonce), limitMs });
  if (answer === 'silent')
    return presence === 'ours' ? { is: 'silent' } : { is: 'absent', reason: 'it does not answer' };
  if (answer instanceof Error) return { is: 'absent', reason: networkReason(answer) ?? answer.message, cause: answer };
  const challenge = { port, clientNonce, serverNonce: answer.serverNonce };
  if (NONCE.test(answer.serverNonce) && sameProof(answer.proof, proofOf(token, 'server', challenge))) {
    const proof = proofOf(token, 'client', challenge);
    return { is: 'kernel', credential: [clientNonce, answer.serverNonce, proof].join('.') };
  }
  const isOutdated = endpoint.proof === undefined && answer.status === 401 && answer.text.startsWith(OUTDATED_ANSWER);
  if (isOutdated) return { is: 'outdated' };
  return { is: 'absent', reason: `what answers at port ${port} does not have the daemon's token` };
}

type ProofReply = {
  readonly status: number | undefined;
  readonly text: string;
  readonly serverNonce: string;
  readonly proof: string;
};

type Question = { readonly port: number; readonly path: string; readonly limitMs: number };

async function askPatiently(question: Question): ReturnType<typeof ask> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask(question);
    if (tries === TRIES || !(answer instanceof Error) || answer.code !== 'ECONNRESET') return answer;
  }
}

function ask({ port, path, limitMs }: Question): Promise<ProofReply | 'silent' | NodeJS.ErrnoException> {
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false });
    const limit = setTimeout(() => {
      resolve('silent');
      asked.destroy();
    }, limitMs);
    asked.on('close', () => clearTimeout(limit));
    asked.on('error', resolve);
    asked.on(
      'response',
      response =>
        void read(response).then(text => resolve({ status: response.statusCode, text, ...shownIn(text) }), resolve),
    );
    asked.end();
  });
}

async function read(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  return text;
}

/** The server's nonce and proof; empty if there are none. */
function shownIn(text: string): Pick<ProofReply, 'serverNonce' | 'proof'> {
  const [, serverNonce = '', proof = ''] = /^([\w-]+)\.([\w-]+)$/.exec(text) ?? [];
  return { serverNonce, proof };
}
