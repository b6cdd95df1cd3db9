import { guestConformance, type ProgramName } from './guest-conformance.ts';
import { GuestDriver } from './guest-driver.ts';

const PROGRAMS: Readonly<Record<ProgramName, string>> = {
  echo: `export default {
    async fetch(request) {
      const mode = request.headers.get('x-mode');
      if (mode === 'stream') return new Response(request.body);
      if (mode === 'text') return new Response(await request.arrayBuffer());
      return new Uint8Array(await request.arrayBuffer());
    },
  };`,
  fixed: 'export default () => "x";',
  failing: `class ShopError extends Error { name = 'ShopError'; }
    export default () => { throw new ShopError('no stock'); };`,
  exiting: 'export default () => { process.exit(3); };',
  printing: 'export default () => { console.log("first"); return "x"; };',
};

guestConformance('Node', {
  boot: () => GuestDriver.boot(),
  load: (program) => GuestDriver.load(PROGRAMS[program]),
  clean: () => GuestDriver.clean(),
});
