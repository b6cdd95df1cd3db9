import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  DELIVERIES_KEPT_MAX,
  type HookDeliveryRecord,
  type HookRecord,
  type NotifyTargetRecord,
  type WebhookStore,
} from './webhook-store.ts';

const target = (app: string, id: string): NotifyTargetRecord => ({
  app,
  id,
  environment: id === 'n-2' ? 'staging' : null,
  url: 'https://example.org/told',
  secret: 'sealed',
  createdAt: 5,
});
const hook = (app: string, id: string): HookRecord => ({
  app,
  id,
  host: 'github',
  url: 'https://example.org/shop.git',
  secret: 'sealed',
  credentials: null,
  createdAt: 5,
});
const delivery = (id: string, at = 1, app = 'shop'): HookDeliveryRecord => ({
  app,
  hook: 'h-1',
  id,
  at,
  branch: 'main',
  state: 'running',
  message: '',
});

/** What every `WebhookStore` must do. `make` gives an empty one each time. */
export function webhookStoreConformance(name: string, make: () => WebhookStore): void {
  describe(`WebhookStore: ${name}`, () => {
    let store: WebhookStore;
    beforeEach(() => {
      store = make();
    });

    it('keeps targets by app', async () => {
      await store.insertTarget(target('shop', 'n-1'));
      await store.insertTarget(target('shop', 'n-2'));
      await store.insertTarget(target('other', 'n-1'));
      assert.deepEqual(await store.listTargets('shop'), [target('shop', 'n-1'), target('shop', 'n-2')]);
      assert.equal(await store.deleteTarget('shop', 'n-1'), true);
      assert.equal(await store.deleteTarget('shop', 'n-1'), false);
      assert.deepEqual(await store.listTargets('shop'), [target('shop', 'n-2')]);
      assert.equal((await store.listTargets('other')).length, 1);
    });

    it('keeps hooks by app', async () => {
      await store.insertHook(hook('shop', 'h-1'));
      assert.deepEqual(await store.findHook('shop', 'h-1'), hook('shop', 'h-1'));
      assert.equal(await store.findHook('other', 'h-1'), null);
      assert.deepEqual(await store.listHooks('shop'), [hook('shop', 'h-1')]);
      assert.equal(await store.deleteHook('shop', 'h-1'), true);
      assert.equal(await store.deleteHook('shop', 'h-1'), false);
    });

    it('takes a delivery once, and says what became of it', async () => {
      await store.insertHook(hook('shop', 'h-1'));
      assert.equal(await store.insertDelivery(delivery('d1')), true);
      assert.equal(await store.insertDelivery({ ...delivery('d1'), branch: 'other' }), false);
      await store.insertDelivery(delivery('d2', 2));
      await store.settleDelivery({ ...delivery('d2', 2), state: 'deployed' });
      await store.failRunning('killed');
      const [done, killed] = await store.listDeliveries('shop', 'h-1', 10);
      assert.deepEqual([done!.state, killed!.state, killed!.message], ['deployed', 'failed', 'killed']);
      const settled = { ...delivery('d1'), state: 'failed' as const, message: 'no test' };
      await store.settleDelivery(settled);
      assert.deepEqual((await store.listDeliveries('shop', 'h-1', 10))[1], settled);
    });

    it('keeps the newest deliveries of a hook, and none without it', async () => {
      await store.insertHook(hook('shop', 'h-1'));
      for (let at = 0; at < DELIVERIES_KEPT_MAX + 3; at++) await store.insertDelivery(delivery(`d${at}`, at));
      const kept = await store.listDeliveries('shop', 'h-1', 5_000);
      assert.equal(kept.length, DELIVERIES_KEPT_MAX);
      assert.equal(kept[0]!.id, `d${DELIVERIES_KEPT_MAX + 2}`);
      await store.deleteHook('shop', 'h-1');
      assert.deepEqual(await store.listDeliveries('shop', 'h-1', 10), []);
    });

    it('forgets an app', async () => {
      await store.insertHook(hook('shop', 'h-1'));
      await store.insertHook(hook('other', 'h-1'));
      await store.insertTarget(target('shop', 'n-1'));
      await store.insertDelivery(delivery('d1'));
      await store.removeApp('shop');
      assert.deepEqual(await store.listHooks('shop'), []);
      assert.deepEqual(await store.listTargets('shop'), []);
      assert.deepEqual(await store.listDeliveries('shop', 'h-1', 10), []);
      assert.equal((await store.listHooks('other')).length, 1);
    });
  });
}
