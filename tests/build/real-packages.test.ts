import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppFolder, pathsOf } from './app-folder.ts';

const repository = join(import.meta.dirname, '../..');

test('sharp, found in a node_modules further up, runs from its artifact', async () => {
  await using app = await AppFolder.create({
    'functions/thumb.ts': `
      import sharp from 'sharp';
      export default async () => {
        const create = { width: 8, height: 4, channels: 3 as const, background: 'red' };
        const { info } = await sharp({ create }).jpeg().toBuffer({ resolveWithObject: true });
        return [info.format, info.width, info.height];
      };
    `,
  });
  await symlink(join(repository, 'node_modules'), join(app.root, 'node_modules'));
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'thumb', 'handler()'), ['jpeg', 8, 4]);
});

test('the AWS SDK goes into one file', async () => {
  await using app = await AppFolder.create({
    'functions/aws.ts': `
      import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
      import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
      export default () => [
        new S3Client({ region: 'eu-west-1' }).config.serviceId, ListBucketsCommand.name,
        new DynamoDBClient({ region: 'eu-west-1' }).config.serviceId, ListTablesCommand.name,
      ];
    `,
  });
  await symlink(join(repository, 'node_modules'), join(app.root, 'node_modules'));
  const built = await app.build();
  assert.deepEqual(pathsOf(built, 'aws'), ['functions/aws.mjs', 'functions/aws.mjs.map']);
  assert.deepEqual(await app.run(built, 'aws', 'handler()'), [
    'S3',
    'ListBucketsCommand',
    'DynamoDB',
    'ListTablesCommand',
  ]);
});
