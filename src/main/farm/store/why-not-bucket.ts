/** Why a bucket cannot be used, as the end of a sentence, and what a person may do about it. */
export interface WhyNotBucket {
  readonly what: string;
  readonly hint: string;
  readonly isFull: boolean;
}

const kept = 'What was finished is kept.';
const keys = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** By what a server or the system calls it. */
const meanings: readonly [RegExp, string, string][] = [
  [/^NoSuchBucket$/, 'there is no bucket of that name', 'Make it, or see whether its name is written right.'],
  [/^InvalidAccessKeyId$/, 'the server does not know this key', `See whether AWS_ACCESS_KEY_ID is right.`],
  [/^SignatureDoesNotMatch$/, 'the secret key is wrong', `See whether AWS_SECRET_ACCESS_KEY is right.`],
  [
    /^(AccessDenied|AllAccessDisabled|Forbidden)$/,
    'this key may not do that',
    'It must be allowed to list, read and write there.',
  ],
  [
    /^(ExpiredToken|InvalidToken|TokenRefreshRequired)$/,
    'the session of this key is over',
    'Set AWS_SESSION_TOKEN anew.',
  ],
  [/^RequestTimeTooSkewed$/, 'the clocks differ too much', 'Set the clock of this machine right.'],
  [
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    'it is in another region',
    'Write region= into the address.',
  ],
  [/^(CredentialsProviderError|ProviderError)$/, 'no key is set', `Set ${keys}.`],
  [/^ECONNREFUSED$/, 'nothing listens there', 'See that the server runs, and whether endpoint is right.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'no machine of that name is known', 'See whether endpoint is written right.'],
  [
    /^(TimeoutError|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    'nothing answers there',
    'See that the server runs and can be reached.',
  ],
  [
    /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_SOCKET)$/,
    'its answers end in the middle',
    'See what its log says, and what lies between.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO/,
    'its certificate is not believed',
    'NODE_EXTRA_CA_CERTS takes the PEM file of an authority of your own.',
  ],
  [/^(EPROTO|ERR_SSL.*)$/, 'it does not encrypt', 'Write http:// instead of https:// into endpoint.'],
];

/**
 * @param name what a server or the system calls the error
 * @param status of the answer; null where there was none
 */
export function whyNotBucket(name: string, status: number | null): WhyNotBucket {
  if (status === 507 || /StorageFull|Quota|InsufficientStorage/.test(name))
    return { what: 'it is full', hint: kept, isFull: true };
  const meant = meanings.find(([names]) => names.test(name)) ?? byStatus(status);
  const said = status === null ? name : `${name}, ${status}`;
  return {
    what: `${meant?.[1] ?? 'it does not do what is asked'} (${said})`,
    hint: `${meant?.[2] ?? 'See what its log says.'} ${kept}`,
    isFull: false,
  };
}

/** What is asked without a wish for content is answered without a reason. */
function byStatus(status: number | null): (typeof meanings)[number] | undefined {
  const name = status === 403 ? 'Forbidden' : status === 404 ? 'NoSuchBucket' : undefined;
  return meanings.find(([names]) => name !== undefined && names.test(name));
}
