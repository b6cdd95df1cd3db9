/* A custom runtime in C: sockets and strings, nothing else. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
static char buffer[1 << 20];
static size_t ask(const char *request, size_t length) {
  char host[64];
  snprintf(host, sizeof host, "%s", getenv("AWS_LAMBDA_RUNTIME_API"));
  char *colon = strchr(host, ':');
  *colon = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
  inet_pton(AF_INET, host, &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) exit(2);
  write(fd, request, length);
  size_t size = 0;
  for (ssize_t got; (got = read(fd, buffer + size, sizeof buffer - 1 - size)) > 0;) size += got;
  buffer[size] = 0;
  close(fd);
  return size;
}
int main(void) {
  const char *next = "GET /2018-06-01/runtime/invocation/next HTTP/1.0\r\n\r\n";
  for (int calls = 1;; calls++) {
    ask(next, strlen(next));
    char id[128];
    sscanf(strcasestr(buffer, "lambda-runtime-aws-request-id:"), "%*[^:]: %127s", id);
    char body[64], answer[512];
    snprintf(body, sizeof body, "{\"call\":%d,\"language\":\"C\"}", calls);
    fprintf(stderr, "call %d\n", calls);
    snprintf(answer, sizeof answer,
             "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s", id,
             strlen(body), body);
    ask(answer, strlen(answer));
  }
}
