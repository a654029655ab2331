// How the page is built: into dist/, every file below static/ with its content's hash in its name, and packed beside
// itself, so that the server packs nothing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const server = process.env.JAEGER_QUERY ?? 'http://127.0.0.1:16686';

export default defineConfig({
  // Below whatever base path the server says in <base>.
  base: './',
  plugins: [react(), told(), packed()],
  build: {
    target: 'es2022',
    assetsDir: 'static',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': server } },
  test: { include: ['src/**/*.test.ts'] },
});

/** While it is worked on: what that server tells its own page. */
function told(): Plugin {
  return {
    name: 'told',
    apply: 'serve',
    async transformIndexHtml(html) {
      const page = await fetch(server).then(answer => answer.text());
      const config = /id="jaeger-config">(.*?)<\/script>/.exec(page)?.[1];
      return config ? html.replace('id="jaeger-config">{}', () => `id="jaeger-config">${config}`) : html;
    },
  };
}

function packed(): Plugin {
  let folder = '';
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir, config.build.assetsDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const file = join(folder, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}
