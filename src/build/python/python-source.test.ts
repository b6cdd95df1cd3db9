import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPythonSource } from './python-source.ts';

const read = (text: string) => {
  const { names, modules, complete } = readPythonSource(text);
  return { names: [...names].sort(), modules: [...modules].sort(), complete };
};

test('names at the top level and imports anywhere are found', () => {
  const source = read(`
"""def hidden(): pass
import hidden_too
"""
from __future__ import annotations
import os, azure.functions as func
from flask import (
    Flask,  # a comment, with import
    request as asked,
)
from .shared import WORD
app: Flask = Flask(__name__); other = 'def not_me(): pass'
first, second = 1, 2
if os.name == "posix":
    def inner(): ...
try:
    import ujson as json
except ImportError:
    import json

class Shop:
    attribute = 1
    def method(self):
        import lazily
        local = 1

@app.route("/")
async def handler(event,
                  context=None):
    text = """
deep = 5
"""
    return text == first
x \\
  = 5
compared == 1
`);
  const found = ['Flask', 'Shop', 'WORD', 'annotations', 'app', 'asked', 'first', 'func', 'handler'];
  const more = ['inner', 'json', 'os', 'other', 'second', 'x'];
  assert.deepEqual(source.names, [...found, ...more]);
  for (const name of ['os', 'azure.functions', 'flask', 'lazily', 'ujson'])
    assert.ok(source.modules.includes(name), name);
  for (const name of ['hidden_too', 'shared']) assert.ok(!source.modules.includes(name), name);
  assert.equal(source.complete, true);
});

test('names that come from elsewhere make the list incomplete', () => {
  assert.equal(read('from handlers import *').complete, false);
  assert.equal(read('globals()["handler"] = 1').complete, false);
  assert.equal(read('def f():\n    from math import *\n').complete, true);
});

test('any text is read to its end', () => {
  for (const text of [
    '',
    '"""',
    '(',
    'x = "',
    '\\',
    'def',
    'import',
    'from . import',
    '\r\n\t;',
    ')'.repeat(9),
  ])
    assert.ok(read(text).names.length < 2, text);
});
