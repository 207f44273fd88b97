import { request } from 'node:http';
import { WebSocket } from 'ws';
import { expect, test } from './support/test.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function ask(origin: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    });
    asked.on('error', reject).end();
  });
}

/** `open`, or the status that the handshake was refused with. */
function shake(origin: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('error', (error) => resolve(/\d{3}/.exec(error.message)?.[0] ?? error.message));
  });
}

test('without a token, with a used one, or under another name nobody is let in', async ({ started }) => {
  const { host, connection } = started;
  const cookie = `${connection.cookie.name}=${connection.cookie.value}`;
  const { port } = new URL(host.origin);
  expect((await ask(host.origin, '/')).status).toBe(403);
  expect((await ask(host.origin, '/assets/')).status).toBe(403);
  expect((await ask(host.origin, '/media/frame/x/0.webp')).status).toBe(403);
  expect((await ask(host.origin, '/?token=wrong')).status).toBe(403);
  expect((await ask(host.origin, new URL(host.link).pathname + new URL(host.link).search)).status).toBe(403);
  expect((await ask(host.origin, '/', { cookie })).status).toBe(200);
  expect((await ask(host.origin, '/', { cookie, host: `evil.example:${port}` })).status).toBe(421);
  expect((await ask(host.origin, '/../package.json', { cookie })).status).toBe(404);
  expect((await ask(host.origin, '/%2e%2e/%2e%2e/package.json', { cookie })).status).toBe(404);
});

test('only our own page may open the API', async ({ started }) => {
  const { host, connection } = started;
  const cookie = `${connection.cookie.name}=${connection.cookie.value}`;
  const { origin } = host;
  expect(await shake(origin, { cookie, origin })).toBe('open');
  expect(await shake(origin, { origin })).toBe('403');
  expect(await shake(origin, { cookie, origin: 'https://evil.example' })).toBe('403');
  expect(await shake(origin, { cookie, origin, host: 'evil.example' })).toBe('403');
  expect(await shake(origin, { cookie })).toBe('403');
});

test('the page runs under a policy that allows nothing from elsewhere, and breaks none of it', async ({ editor }) => {
  const { page, host } = editor;
  const refused: string[] = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
  const answer = await page.reload();
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(answer?.headers()['x-content-type-options']).toBe('nosniff');
  await expect(page.getByRole('button', { name: 'Write the first shot' })).toBeVisible();
  expect(new URL(page.url()).search).toBe('');
  expect(refused).toEqual([]);
  expect(page.url()).toBe(`${host.origin}/`);
});
