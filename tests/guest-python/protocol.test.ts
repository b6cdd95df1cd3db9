import { guestConformance, type ProgramName } from '../guest/guest-conformance.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();

const answering = (code: string): string => `
def app(environ, start_response):
    ${code}
    start_response("200 OK", [("content-length", "1")])
    return [b"x"]
`;

const PROGRAMS: Readonly<Record<ProgramName, string>> = {
  echo: `
def app(environ, start_response):
    body = environ["wsgi.input"]
    if environ.get("HTTP_X_MODE") == "stream":
        start_response("200 OK", [])
        return iter(lambda: body.read1(65536), b"")
    whole = body.read()
    start_response("200 OK", [("Content-Length", str(len(whole)))])
    return [whole]
`,
  fixed: `
def handler(event, context):
    return {"statusCode": 200, "body": "x"}
`,
  failing: `
class ShopError(Exception):
    pass


${answering('raise ShopError("no stock")')}`,
  exiting: `import sys${answering('sys.exit(3)')}`,
  printing: answering('print("first")'),
};

guestConformance('Python', {
  boot: () => python.boot(),
  load: (program) =>
    python.load(
      PROGRAMS[program],
      program === 'fixed'
        ? { dialect: 'lambda' }
        : { dialect: 'http', handler: { file: 'index.py', export: 'app' } },
    ),
  clean: () => python.clean(),
});
