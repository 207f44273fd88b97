import { connect as connectPlainly, type Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import type { QueueAddress } from './address.ts';

/** Why a queue cannot be used, as the end of a sentence, and what a person may do about it. */
export interface WhyNot {
  readonly what: string;
  readonly hint: string;
}

const passwordHint =
  'Put it into THROUGHLINE_QUEUE_PASSWORD, or into a file that THROUGHLINE_QUEUE_PASSWORD_FILE names.';
const wantsOurs: WhyNot = {
  what: 'it hangs up once the connection is encrypted',
  hint: 'It may want a certificate of this machine, which Throughline does not have: set its tls-auth-clients to no, and a password.',
};
/** How long a server is asked whether it encrypts, in milliseconds. */
const askMs = 2000;

/** What errors of the connection mean, by their code. */
const meanings: readonly [RegExp, string, string][] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'no machine of that name is known', 'See whether the name is written right.'],
  [/^ECONNREFUSED$/, 'nothing listens there', 'Start the server, or see whether name and port are right.'],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/,
    'nothing answers there',
    'See whether the machine is on, the port is right, and a firewall lets it through.',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'its certificate is not valid today',
    'Renew it on the server, or set the clock of this machine right.',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'its certificate is for another name',
    'Use the name in the certificate, or give the server a certificate for this one.',
  ],
  [/CERTIFICATE_REQUIRED/, wantsOurs.what, wantsOurs.hint],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|VERIFY/,
    'its certificate is of an authority that is not known here',
    'THROUGHLINE_QUEUE_CA takes the PEM file of an authority of your own.',
  ],
];

/** What servers answer, by their words. */
const answers: readonly [RegExp, string, string][] = [
  [/^NOAUTH/, 'it asks for a password', passwordHint],
  [/^WRONGPASS|invalid (username-)?password/i, 'it does not take this name and password', passwordHint],
  [
    /called without any password configured|no password is set/i,
    'it has no password, and one was given',
    'Give none, or set one on the server.',
  ],
  [
    /^NOPERM/,
    'this user may not do what a farm needs',
    'Give the user all commands on the keys of the prefix, on the server.',
  ],
  [/^DENIED/, 'it takes connections of its own machine only', 'Give the server a password, or see its protected-mode.'],
  [/DB index is out of range/i, 'it has no such database', 'Give another number at the end of the address, or none.'],
  [/^LOADING/, 'it still reads its data', 'Try again in a while.'],
];

/** Says why a server could not be used; looks whether it encrypts where that may be the reason. Sends no password. */
export async function whyNot(error: unknown, { options }: QueueAddress): Promise<WhyNot> {
  const { code, message } = partsOf(error);
  const meant = answers.find(([words]) => words.test(message)) ?? meanings.find(([codes]) => codes.test(code));
  const { host = '127.0.0.1', port = 6379 } = options;
  const mayBeEncryption = meant === undefined || code === 'ETIMEDOUT';
  if (mayBeEncryption && options.tls && (await answersPlainly(host, port)))
    return { what: 'it does not encrypt', hint: 'Use redis:// instead of rediss://, or the port that encrypts.' };
  if (mayBeEncryption && !options.tls && (await encrypts(host, port)))
    return { what: 'it encrypts', hint: 'Use rediss:// instead of redis://.' };
  if (meant === undefined && options.tls && (await encrypts(host, port))) return wantsOurs;
  if (meant) return { what: `${meant[1]} (${code || message.split(' ')[0]})`, hint: meant[2] };
  return {
    what: `what answers there is no Redis or Valkey that can be used (${code || message.slice(0, 120)})`,
    hint: 'See whether name and port are right.',
  };
}

function partsOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: '', message: 'unknown reason' };
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : '', message: error.message };
}

/** Whether something speaks the language of queues there without encryption. */
function answersPlainly(host: string, port: number): Promise<boolean> {
  return asked(
    connectPlainly({ host, port }, function (this: Socket) {
      this.write('PING\r\n');
    }),
    (socket, answer) => socket.once('data', (data) => answer(/^[+-]/.test(data.toString('latin1')))),
  );
}

function encrypts(host: string, port: number): Promise<boolean> {
  // Only whether it encrypts is asked: nothing is sent, and nothing that it says is believed.
  return asked(connectEncrypted({ host, port, rejectUnauthorized: false }), (socket, answer) =>
    socket.once('secureConnect', () => answer(true)),
  );
}

function asked<S extends Socket>(
  socket: S,
  listen: (socket: S, answer: (yes: boolean) => void) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(askMs, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    listen(socket, answer);
  });
}
