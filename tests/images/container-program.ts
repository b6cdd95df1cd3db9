import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A program that needs nothing of its image, not even a C library. `server`: a web server on PORT; a path `/WORD/ARGUMENT` makes it
 * look around (`read`, `list`, `write` a file; `env`, `cwd`, `uid`, `words`; `spin` and `crash`). `runtime`: one that asks the
 * Runtime API for its calls and answers how many there were.
 */
const SOURCE = String.raw`
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
static char in[1 << 20], out[1 << 16];
static int words;
static char **word;
static size_t all(int fd, char *to, size_t room) {
  size_t size = 0;
  for (ssize_t got; size < room && (got = read(fd, to + size, room - size)) > 0;) size += got;
  to[size] = 0;
  return size;
}
static void tell(const char *what, const char *argument) {
  out[0] = 0;
  if (!strcmp(what, "read")) {
    FILE *file = fopen(argument, "r");
    if (file == NULL) snprintf(out, sizeof out, "errno %d", errno);
    else out[fread(out, 1, sizeof out - 1, file)] = 0, fclose(file);
  } else if (!strcmp(what, "list")) {
    DIR *folder = opendir(argument);
    if (folder == NULL) snprintf(out, sizeof out, "errno %d", errno);
    else for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
      if (entry->d_name[0] != '.') snprintf(out + strlen(out), sizeof out - strlen(out), "%s ", entry->d_name);
  } else if (!strcmp(what, "write")) {
    FILE *file = fopen(argument, "w");
    snprintf(out, sizeof out, file == NULL ? "errno %d" : "written", errno);
  } else if (!strcmp(what, "env")) {
    snprintf(out, sizeof out, "%s", getenv(argument) == NULL ? "(none)" : getenv(argument));
  } else if (!strcmp(what, "cwd")) {
    getcwd(out, sizeof out);
  } else if (!strcmp(what, "uid")) {
    snprintf(out, sizeof out, "%d %d", getuid(), setuid(0));
  } else if (!strcmp(what, "words")) {
    for (int at = 0; at < words; at++) snprintf(out + strlen(out), sizeof out - strlen(out), "%s ", word[at]);
  } else if (!strcmp(what, "eat")) {
    for (size_t at = 0; at < 4096; at++) memset(malloc(1 << 20), 1, 1 << 20);
  } else if (!strcmp(what, "crash")) {
    abort();
  }
}
static int serve(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 16) != 0) return 3;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    ssize_t got = read(fd, in, sizeof in - 1);
    in[got < 0 ? 0 : got] = 0;
    char path[1024] = "", *what = path + 1, *argument = NULL;
    sscanf(in, "%*s %1023s", path);
    if (*path != 0 && (argument = strchr(what, '/')) != NULL) *argument++ = 0;
    char file[1024];
    snprintf(file, sizeof file, !strcmp(what, "env") ? "%s" : "/%s", argument == NULL ? "" : argument);
    fprintf(stderr, "asked for %s\n", what);
    tell(what, file);
    dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(out), out);
    close(fd);
  }
}
static void ask(const char *request) {
  char host[64];
  snprintf(host, sizeof host, "%s", getenv("AWS_LAMBDA_RUNTIME_API"));
  char *colon = strchr(host, ':');
  *colon = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
  inet_pton(AF_INET, host, &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 || write(fd, request, strlen(request)) < 0) exit(2);
  all(fd, in, sizeof in - 1);
  close(fd);
}
static int run(void) {
  for (int calls = 1;; calls++) {
    ask("GET /2018-06-01/runtime/invocation/next HTTP/1.0\r\n\r\n");
    char id[128], body[256], answer[1024];
    sscanf(strcasestr(in, "lambda-runtime-aws-request-id:"), "%*[^:]: %127s", id);
    snprintf(body, sizeof body, "{\"call\":%d,\"root\":\"%s\",\"last\":\"%s\"}", calls, getenv("LAMBDA_TASK_ROOT"), word[words - 1]);
    snprintf(answer, sizeof answer, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s", id, strlen(body), body);
    ask(answer);
  }
}
int main(int count, char **given) {
  words = count;
  word = given;
  return count > 1 && !strcmp(given[1], "runtime") ? run() : serve();
}`;

/** A library that leaves the user id of whoever loads it behind, as a file's name. */
const TRAP = `
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void) {
  char name[64];
  snprintf(name, sizeof name, "/tmp/loaded-by-%d", getuid());
  close(open(name, O_CREAT | O_WRONLY, 0666));
}`;

/** The program, linked statically. */
export const compileProgram = (): Promise<Buffer> => compile(SOURCE, ['-static']);

/** The library; it needs no C library but the one that is there. */
export const compileTrap = (): Promise<Buffer> => compile(TRAP, ['-shared', '-fPIC']);

async function compile(source: string, options: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-c-'));
  try {
    await writeFile(join(folder, 'program.c'), source);
    const output = join(folder, 'program');
    const words = ['-O1', '-w', ...options, '-D_GNU_SOURCE', '-o', output, join(folder, 'program.c')];
    execFileSync('gcc', words);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
