// Usage: node build.mjs TOOLS WIT OUT. WASI stays, all but its network.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [tools, witPath, out] = process.argv.slice(2);
// By its path: the package lies in the tools' folder, where this file's own folder does not lead.
const tool = `${tools}/node_modules/@bytecodealliance/componentize-js/src/componentize.js`;
const { componentize } = await import(pathToFileURL(tool));
const { component } = await componentize({
  sourcePath: fileURLToPath(new URL('plugin.js', import.meta.url)),
  witPath,
  worldName: 'closed-world',
  disableFeatures: ['http', 'fetch-event'],
});
await writeFile(out, component);
