// A real OpenID provider (npm's oidc-provider) on loopback, for one test. Its configuration comes as JSON in the first argument:
//   { "port": 0, "alg": "RS256", "clients": [{ "client_id", "client_secret", "redirect_uris": [] }], "accounts": { "SUBJECT": { "email", "email_verified" } } }
// It prints its issuer, and then reads orders from standard input, one JSON a line, each answered with a line:
//   { "at_the_keyboard": "SUBJECT" }  who signs in from now on, without being asked
//   { "forge": { … } }                what is wrong with the ID tokens from now on; null: nothing
// Forged tokens are signed with the provider's own key, so that what is refused is refused for what the order says and for nothing else.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from 'jose';
import { Provider } from 'oidc-provider';

const config = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((listening) => server.listen(config.port, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const newKey = async () => {
  const { privateKey } = await generateKeyPair(config.alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: config.alg, use: 'sig' };
};
const key = await newKey();
const strangersKey = await newKey();
let subject = null;
let forge = null;

const provider = new Provider(issuer, {
  clients: config.clients.map((client) => ({ ...client, id_token_signed_response_alg: config.alg })),
  enabledJWAs: { idTokenSigningAlgValues: [config.alg] },
  jwks: { keys: [key] },
  cookies: { keys: [randomUUID()] },
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  // The ID token holds what was asked for, as most councils' providers do.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/keyboard/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...config.accounts[id] }) }),
  loadExistingGrant: async (ctx) => {
    const before = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (before) return provider.Grant.find(before);
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => {
    ctx.type = 'json';
    ctx.body = out;
  },
});

const unsigned = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

async function forged(token) {
  const claims = { ...decodeJwt(token), ...forge.claims };
  for (const [name, value] of Object.entries(claims)) if (value === null) delete claims[name];
  if (forge.alg === 'none') return `${unsigned({ alg: 'none', kid: key.kid })}.${unsigned(claims)}.`;
  if (forge.alg === 'HS256') {
    // The public key, taken for a secret.
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const text = `${unsigned({ alg: 'HS256', kid: key.kid })}.${unsigned(claims)}`;
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
  }
  const signer = forge.by_a_stranger ? strangersKey : key;
  const alg = forge.alg ?? 'RS256';
  const jwt = new SignJWT(claims).setProtectedHeader({ alg, kid: forge.kid ?? key.kid, ...forge.head });
  return jwt.sign(await importJWK({ ...signer, alg }, alg), { crit: { unheard: true } });
}

provider.use(async (ctx, next) => {
  await next();
  if (forge && ctx.body?.id_token) ctx.body = { ...ctx.body, id_token: await forged(ctx.body.id_token) };
});

const callback = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/keyboard/')) return callback(request, response);
  const result = subject ? { login: { accountId: subject } } : { error: 'access_denied', error_description: 'nobody signed in' };
  try {
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
});

console.log(JSON.stringify({ issuer }));
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if ('at_the_keyboard' in order) subject = order.at_the_keyboard;
  if ('forge' in order) forge = order.forge;
  console.log(JSON.stringify({ done: true }));
}
process.exit(0);
